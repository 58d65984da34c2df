//! Whether ffmpeg decodes on the graphics card, and how: decided here for scans, commands and the window alike.

use super::adapter;
use crate::settings::GpuPolicy;
use crate::tools::Toolbox;

/// Devices by which programs reach a card on Linux.
const DEVICES: [&str; 2] = ["/dev/dri/renderD128", "/dev/nvidia0"];

/// How ffmpeg decodes on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hwaccel {
    /// By the decoder of an NVIDIA card.
    Cuda,
    /// By whatever ffmpeg finds to work.
    Auto,
}

impl Hwaccel {
    /// Returns ffmpeg's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Auto => "auto",
        }
    }
}

/// Returns how ffmpeg decodes on the card; `None`: the processor does, as no card is allowed, or there is none that can.
pub fn hwaccel(is_allowed: bool, policy: GpuPolicy, tools: &Toolbox) -> Option<Hwaccel> {
    // Asked first: without leave nobody has to look at ffmpeg or the card.
    if !is_allowed || policy == GpuPolicy::CpuOnly {
        return None;
    }
    let methods = &tools.ffmpeg().ok()?.hwaccels;
    let has_device = !cfg!(target_os = "linux")
        || DEVICES
            .iter()
            .any(|device| std::path::Path::new(device).exists());
    choose(methods, || adapter().is_ok(), has_device)
}

fn choose(methods: &[String], has_nvidia: impl Fn() -> bool, has_device: bool) -> Option<Hwaccel> {
    let is_cuda = |method: &String| method == "cuda";
    if methods.iter().any(is_cuda) && has_nvidia() {
        return Some(Hwaccel::Cuda);
    }
    let is_there_another = methods.iter().any(|method| !is_cuda(method));
    (is_there_another && has_device).then_some(Hwaccel::Auto)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_decodes_where_ffmpeg_knows_a_way_to_it() {
        let check = |methods: &[&str], has_nvidia: bool, has_device, expected| {
            let methods: Vec<String> = methods.iter().map(ToString::to_string).collect();
            let chosen = choose(&methods, || has_nvidia, has_device);
            assert_eq!(chosen, expected, "{methods:?} {has_nvidia} {has_device}");
        };
        check(&["vdpau", "cuda"], true, true, Some(Hwaccel::Cuda));
        check(&["cuda"], true, false, Some(Hwaccel::Cuda));
        check(&["vaapi", "cuda"], false, true, Some(Hwaccel::Auto));
        check(&["vaapi"], true, true, Some(Hwaccel::Auto));
        check(&["vaapi"], false, false, None);
        check(&["cuda"], false, true, None);
        check(&[], true, true, None);
    }

    #[test]
    fn nothing_is_asked_where_no_card_is_allowed() {
        let tools = Toolbox::empty();
        assert_eq!(hwaccel(false, GpuPolicy::Auto, &tools), None);
        assert_eq!(hwaccel(true, GpuPolicy::CpuOnly, &tools), None);
        assert_eq!(hwaccel(true, GpuPolicy::ForceGpu, &tools), None);
    }
}
