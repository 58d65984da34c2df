//! The graphics card.

use videocatalog_core::gpu::{Capabilities, Checklist, Hwaccel};
use videocatalog_core::settings::GpuPolicy;

use super::Trouble;
use crate::job::Running;

/// What there is, and who computes.
#[derive(Clone, Debug)]
pub struct Card {
    /// What there is, and what works.
    pub found: Capabilities,
    /// What of it is missing.
    pub checklist: Checklist,
    /// Who may compute.
    pub policy: GpuPolicy,
    /// Who does.
    pub provider: &'static str,
    /// Why, where that is not what one would expect.
    pub messages: Vec<String>,
    /// Whether ffmpeg may decode on the card.
    pub may_decode: bool,
    /// How it does; `None`: the processor decodes.
    pub decodes_by: Option<Hwaccel>,
    /// Whether the user is to be helped without asking for it.
    pub wants_help: bool,
}

/// The graphics card.
pub trait Graphics {
    /// Looks at the card; `anew`: whatever was found before.
    fn card(&self, anew: bool) -> Card;

    /// Installs the CUDA Toolkit by the system's means, telling what that prints.
    ///
    /// # Errors
    /// When there are no means, or they fail.
    fn install_cuda(&self, running: &Running) -> Result<(), Trouble>;
}
