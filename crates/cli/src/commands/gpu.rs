//! `gpu`.

use std::path::Path;

use serde_json::json;
use videocatalog_core::gpu::{self, Capabilities, Checklist, GpuWishes, Provider};
use videocatalog_core::search::shown;

use super::print_json;
use crate::analysis_args::GpuArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

pub(crate) fn gpu(context: &Context, args: &GpuArgs) -> Result<(), Failure> {
    let tools = context.toolbox();
    let found = gpu::probe(&tools);
    let wishes = GpuWishes::from_settings(&context.loaded.settings);
    let decision = gpu::decide(&wishes, &found, false);
    let list = gpu::checklist(&found);
    let is_allowed = context.loaded.settings.gpu.allow_hwaccel_video;
    let hwaccel = gpu::hwaccel(is_allowed, wishes.policy, &tools);
    if args.output.json {
        return print_json(&json!({
            "policy": wishes.policy.name(),
            "provider": decision.provider.name(),
            "messages": decision.messages,
            "hwaccel": hwaccel.is_some(),
            "capabilities": found,
            "checklist": list,
        }));
    }
    table::line(format_args!("{}", card(&found)));
    table::line(format_args!(
        "provider: {} (policy {})",
        decision.provider.name(),
        wishes.policy.name()
    ));
    for message in &decision.messages {
        table::line(format_args!("{message}"));
    }
    let runtime = found.runtime.as_deref().unwrap_or("none found");
    table::line(format_args!("ONNX Runtime: {}", shown(runtime)));
    table::line(format_args!(
        "ffmpeg can decode on: {}",
        if found.ffmpeg_hwaccels.is_empty() {
            "the processor alone".into()
        } else {
            found.ffmpeg_hwaccels.join(", ")
        }
    ));
    table::line(format_args!(
        "ffmpeg decodes on: {}",
        hwaccel.map_or_else(
            || "the processor".into(),
            |hwaccel| format!("the card (-hwaccel {})", hwaccel.name())
        )
    ));
    for (name, tried) in [("CUDA", &found.cuda), ("DirectML", &found.directml)] {
        let state = match &tried.error {
            None => "works".into(),
            Some(error) => shown(error),
        };
        table::line(format_args!("{name}: {state}"));
    }
    print_checklist(&found, list);
    Ok(())
}

fn card(found: &Capabilities) -> String {
    match &found.adapter {
        Some(card) => format!(
            "{}, {} of memory, {} free, driver {}",
            shown(&card.name),
            card.total_bytes.map_or_else(|| "?".into(), table::size),
            card.free_bytes.map_or_else(|| "?".into(), table::size),
            card.driver.as_deref().unwrap_or("?")
        ),
        None => format!(
            "no NVIDIA card ({})",
            shown(found.adapter_error.as_deref().unwrap_or_default())
        ),
    }
}

fn print_checklist(found: &Capabilities, list: Checklist) {
    if found.cuda.works || found.adapter.is_none() {
        return;
    }
    for (name, state) in [
        ("driver", list.driver),
        ("CUDA Toolkit", list.cuda_toolkit),
        ("cuDNN", list.cudnn),
        ("MSVC runtime", list.msvc),
    ] {
        let state = match state {
            Some(true) => "OK",
            Some(false) => "missing",
            None => "verify",
        };
        table::line(format_args!("  {name}: {state}"));
    }
    table::line(format_args!("  CUDA Toolkit: {}", gpu::INSTALL_CUDA));
    table::line(format_args!(
        "  what CUDA needs: {}",
        gpu::CUDA_REQUIREMENTS
    ));
}

/// Tries a way onto a card in this process, and prints what came of it for the one that asked.
pub(crate) fn try_provider(name: &str, library: &Path) -> Result<(), Failure> {
    let provider = match name {
        "CUDA" => Provider::Cuda,
        "DML" => Provider::Dml,
        _ => Provider::Cpu,
    };
    let tried = gpu::try_provider(library, provider);
    table::line(format_args!("{}", serde_json::to_string(&tried)?));
    Ok(())
}
