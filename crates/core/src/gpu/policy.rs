//! Who computes: decided from facts alone, so that every case can be tested where there is no graphics card.

use videocatalog_models::runtime::Provider;

use super::Capabilities;
use crate::settings::GpuPolicy;

/// Said where CUDA cannot be used; scripts of the older program look for it.
pub const NO_CUDA: &str = "GPU: CUDA EP unavailable — falling back to DirectML";

/// Said where a card was demanded and there is none; likewise.
pub const NO_GPU: &str = "GPU: FORCE_GPU requested but no compatible provider found — using CPU";

/// Said where a card failed earlier and was not tried anew since.
pub const FAILED_BEFORE: &str =
    "GPU: the graphics card failed earlier and is left alone until it is tried again — using CPU";

/// What the user allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuWishes {
    /// Who may compute.
    pub policy: GpuPolicy,
    /// Megabytes of the card's memory that must be free.
    pub min_free_vram_mb: u64,
    /// Computations on it at once.
    pub max_workers: usize,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who computes.
    pub provider: Provider,
    /// What the log and the user are told.
    pub messages: Vec<String>,
}

/// Returns what is to be said of a card with so little memory free that it is not used; `None`: it has enough, or does not say.
pub fn too_little_memory(free_bytes: Option<u64>, floor_mb: u64) -> Option<String> {
    let free = free_bytes.filter(|free| *free < floor_mb.saturating_mul(1 << 20))?;
    Some(format!(
        "only {} MB of the graphics card's memory are free, {floor_mb} are wanted",
        free >> 20
    ))
}

/// Decides. `has_failed`: a card failed earlier in this process, and is not tried again.
pub fn decide(wishes: &GpuWishes, found: &Capabilities, has_failed: bool) -> Decision {
    let mut messages = Vec::new();
    let cpu = |messages| Decision {
        provider: Provider::Cpu,
        messages,
    };
    if wishes.policy == GpuPolicy::CpuOnly {
        return cpu(messages);
    }
    if has_failed {
        messages.push(FAILED_BEFORE.into());
        return cpu(messages);
    }
    if found.cuda.works {
        let free = found.adapter.as_ref().and_then(|card| card.free_bytes);
        if let Some(reason) = too_little_memory(free, wishes.min_free_vram_mb) {
            messages.push(format!("GPU: {reason} — using CPU"));
            return cpu(messages);
        }
        return Decision {
            provider: Provider::Cuda,
            messages,
        };
    }
    if found.directml.works {
        if found.adapter.is_some() {
            messages.push(NO_CUDA.into());
        }
        return Decision {
            provider: Provider::Dml,
            messages,
        };
    }
    if wishes.policy == GpuPolicy::ForceGpu {
        messages.push(NO_GPU.into());
    }
    cpu(messages)
}

#[cfg(test)]
mod tests {
    use super::super::{Adapter, Tried};
    use super::*;

    fn found(cuda: bool, directml: bool, card: bool, free_mb: Option<u64>) -> Capabilities {
        let tried = |works| Tried {
            works,
            error: (!works).then(|| "no".to_owned()),
        };
        Capabilities {
            adapter: card.then(|| Adapter {
                name: "GeForce".into(),
                total_bytes: Some(8 << 30),
                free_bytes: free_mb.map(|free| free << 20),
                driver: Some("550.1".into()),
            }),
            cuda: tried(cuda),
            directml: tried(directml),
            ..Capabilities::default()
        }
    }

    #[test]
    fn every_case_has_its_provider() {
        use GpuPolicy::{Auto, CpuOnly, ForceGpu};
        use Provider::{Cpu, Cuda, Dml};
        // Policy, CUDA works, DirectML works, NVIDIA card, free MB, floor MB, failed before: who computes, and what is said.
        let table = [
            (Auto, true, true, true, Some(4_000), 512, false, Cuda, ""),
            (Auto, true, false, true, None, 512, false, Cuda, ""),
            (Auto, true, false, true, Some(512), 512, false, Cuda, ""),
            (
                Auto,
                true,
                true,
                true,
                Some(511),
                512,
                false,
                Cpu,
                "only 511 MB",
            ),
            (Auto, true, false, true, Some(0), 0, false, Cuda, ""),
            (
                Auto,
                false,
                true,
                true,
                Some(4_000),
                512,
                false,
                Dml,
                NO_CUDA,
            ),
            (Auto, false, true, false, None, 512, false, Dml, ""),
            (Auto, false, false, true, Some(4_000), 512, false, Cpu, ""),
            (Auto, false, false, false, None, 512, false, Cpu, ""),
            (
                Auto,
                true,
                true,
                true,
                Some(4_000),
                512,
                true,
                Cpu,
                FAILED_BEFORE,
            ),
            (
                ForceGpu,
                true,
                true,
                true,
                Some(4_000),
                512,
                false,
                Cuda,
                "",
            ),
            (
                ForceGpu,
                true,
                true,
                true,
                Some(100),
                512,
                false,
                Cpu,
                "only 100 MB",
            ),
            (ForceGpu, false, true, true, None, 512, false, Dml, NO_CUDA),
            (ForceGpu, false, true, false, None, 512, false, Dml, ""),
            (ForceGpu, false, false, true, None, 512, false, Cpu, NO_GPU),
            (ForceGpu, false, false, false, None, 512, false, Cpu, NO_GPU),
            (
                ForceGpu,
                true,
                false,
                true,
                None,
                512,
                true,
                Cpu,
                FAILED_BEFORE,
            ),
            (CpuOnly, true, true, true, None, 512, true, Cpu, ""),
            (CpuOnly, true, true, true, Some(4_000), 512, false, Cpu, ""),
            (CpuOnly, false, false, false, None, 512, false, Cpu, ""),
        ];
        for (policy, cuda, directml, card, free, floor, failed, provider, said) in table {
            let wishes = GpuWishes {
                policy,
                min_free_vram_mb: floor,
                max_workers: 2,
            };
            let decision = decide(&wishes, &found(cuda, directml, card, free), failed);
            let case = format!("{policy:?} {cuda} {directml} {card} {free:?} {floor} {failed}");
            assert_eq!(decision.provider, provider, "{case}");
            let told = decision.messages.join("; ");
            assert_eq!(told.is_empty(), said.is_empty(), "{case}: {told}");
            assert!(told.contains(said), "{case}: {told}");
        }
    }
}
