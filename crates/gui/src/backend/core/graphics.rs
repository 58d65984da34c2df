//! The graphics card, looked at by core.

use videocatalog_core::gpu::{self, GpuWishes};
use videocatalog_core::search::shown;
use videocatalog_core::settings::GpuPolicy;
use videocatalog_core::tools::Tool;
use videocatalog_core::tools::install::{self, Audience};

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::graphics::{Card, Graphics};
use crate::job::Running;

impl Graphics for CoreBackend {
    fn card(&self, anew: bool) -> Card {
        if anew {
            self.forget_tools();
        }
        let (home, tools) = (self.home(), self.tools());
        let found = if anew {
            gpu::probe(&tools)
        } else {
            gpu::known(&tools)
        };
        let settings = &home.loaded.settings;
        let wishes = GpuWishes::from_settings(settings);
        let decision = gpu::decide(&wishes, &found, gpu::has_failed());
        let may_decode = settings.gpu.allow_hwaccel_video;
        let has_runtime = tools.need(Tool::OnnxRuntime).is_ok();
        Card {
            checklist: gpu::checklist(&found),
            policy: wishes.policy,
            provider: decision.provider.name(),
            messages: decision.messages,
            may_decode,
            decodes_by: gpu::hwaccel(may_decode, wishes.policy, &tools),
            wants_help: cfg!(windows)
                && has_runtime
                && found.adapter.is_some()
                && !found.cuda.works
                && wishes.policy != GpuPolicy::CpuOnly,
            found,
        }
    }

    fn install_cuda(&self, running: &Running) -> Result<(), Trouble> {
        let mut show = |chunk: &[u8]| {
            let text = String::from_utf8_lossy(chunk);
            if let Some(line) = text.lines().rev().find(|line| !line.trim().is_empty()) {
                running.tell(shown(line), None);
            }
        };
        let mut audience = Audience::Program(&mut show);
        let environment = &self.home().environment;
        install::run_command(
            gpu::INSTALL_CUDA,
            environment,
            &mut audience,
            &running.cancel,
        )
        .map_err(|error| {
            let hint = format!("see {}", gpu::CUDA_REQUIREMENTS);
            Trouble::new(error, hint)
        })
    }
}
