//! Where the network runs: chosen here and nowhere else. The CPU is the reference; a graphics
//! adapter is taken when it is asked for or when it wins a short trial; one that is software is
//! never taken unless it is named by its number. Where the CPU is done before anyone could notice,
//! no graphics driver is even woken: that alone would cost more time and memory than all the work.

use std::{fmt, str::FromStr, sync::Mutex};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceChoice {
    /// The CPU where a short trial finds it fast enough; otherwise the faster of CPU and graphics
    /// card in that trial.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first graphics card that is not software.
    Gpu,
    /// The adapter of that number in [`adapters`], software or not.
    Adapter(usize),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            other => other.parse().map(Self::Adapter).map_err(|_| {
                format!("{text}: expected auto, cpu, gpu or the number of an adapter")
            }),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.pad("auto"),
            Self::Cpu => f.pad("cpu"),
            Self::Gpu => f.pad("gpu"),
            Self::Adapter(n) => write!(f, "{n}"),
        }
    }
}

/// A graphics adapter of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdapterInfo {
    /// The number to ask for it by.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// The programming interface it is reached by.
    pub interface: String,
    /// Whether it is a program on the CPU.
    pub is_software: bool,
    #[serde(skip)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(dead_code)] // Without the gpu feature none is made.
enum Kind {
    Discrete(usize),
    Integrated(usize),
    Virtual(usize),
    Software,
    Other,
}

const CPU: &str = "CPU";

/// Why the network runs where it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeviceReason {
    /// The user asked for it.
    AsAsked,
    /// A short trial found the CPU fast enough.
    FastEnough,
    /// There is no adapter of the number asked for.
    NoSuchAdapter {
        /// The number.
        number: usize,
    },
    /// There is no graphics adapter.
    NoAdapter,
    /// The only graphics adapter is software.
    OnlySoftware {
        /// Its name.
        adapter: String,
    },
    /// The adapter cannot be used.
    Unusable {
        /// Its name.
        adapter: String,
        /// What it failed with.
        problem: String,
    },
    /// The faster of both in a short trial.
    Trial {
        /// The CPU's time, ms; `None` where it failed.
        cpu_ms: Option<f64>,
        /// The adapter's name.
        adapter: String,
        /// Its time, ms.
        adapter_ms: Option<f64>,
    },
    /// An earlier search for a device failed.
    SearchFailed,
}

/// A device, and why it was chosen.
#[derive(Clone, Debug)]
pub struct ChosenDevice {
    /// What tensors are made on.
    pub(crate) device: Device,
    /// `CPU`, or the adapter's name.
    pub name: String,
    /// Why this one.
    pub reason: DeviceReason,
}

impl ChosenDevice {
    fn cpu(reason: DeviceReason) -> Self {
        Self {
            device: Device::flex(),
            name: CPU.into(),
            reason,
        }
    }

    /// Whether it is the reference.
    pub fn is_cpu(&self) -> bool {
        self.name == CPU
    }

    pub(super) fn because(self, reason: DeviceReason) -> Self {
        Self { reason, ..self }
    }
}

/// The device for a choice. Never fails: where the wish cannot be met it is the CPU, and the reason
/// says so. Looked for once per process.
pub fn choose(choice: DeviceChoice) -> ChosenDevice {
    static CHOSEN: Mutex<Vec<(DeviceChoice, ChosenDevice)>> = Mutex::new(Vec::new());
    let Ok(mut chosen) = CHOSEN.lock() else {
        return ChosenDevice::cpu(DeviceReason::SearchFailed);
    };
    if let Some((_, found)) = chosen.iter().find(|it| it.0 == choice) {
        return found.clone();
    }
    let found = look_for(choice);
    chosen.push((choice, found.clone()));
    found
}

fn look_for(choice: DeviceChoice) -> ChosenDevice {
    let on_cpu = if choice == DeviceChoice::Auto {
        trial(&Device::flex())
    } else {
        None
    };
    if on_cpu.is_some_and(|it| it <= ENOUGH_S) {
        // No milliseconds here: the same input is to give the same words.
        return ChosenDevice::cpu(DeviceReason::FastEnough);
    }
    let adapter = match choice {
        DeviceChoice::Cpu => return ChosenDevice::cpu(DeviceReason::AsAsked),
        DeviceChoice::Adapter(number) => {
            match adapters().into_iter().find(|it| it.number == number) {
                Some(adapter) => adapter,
                None => return ChosenDevice::cpu(DeviceReason::NoSuchAdapter { number }),
            }
        }
        DeviceChoice::Auto | DeviceChoice::Gpu => {
            let all = adapters();
            match all.iter().find(|it| !it.is_software) {
                Some(adapter) => adapter.clone(),
                None if all.is_empty() => return ChosenDevice::cpu(DeviceReason::NoAdapter),
                None => {
                    return ChosenDevice::cpu(DeviceReason::OnlySoftware {
                        adapter: all[0].name.clone(),
                    });
                }
            }
        }
    };
    match gpu::device(&adapter) {
        Err(problem) => ChosenDevice::cpu(DeviceReason::Unusable {
            adapter: adapter.name,
            problem,
        }),
        Ok(device) if choice == DeviceChoice::Auto => faster(on_cpu, device, adapter.name),
        Ok(device) => ChosenDevice {
            device,
            name: adapter.name,
            reason: DeviceReason::AsAsked,
        },
    }
}

/// A trial of this length stands for a panorama of 48 views faster than the eye, seconds.
const ENOUGH_S: f64 = 0.01;

fn faster(on_cpu: Option<f64>, gpu: Device, name: String) -> ChosenDevice {
    let on_gpu = trial(&gpu);
    let ms = |seconds: Option<f64>| seconds.map(|it| 1000.0 * it);
    let reason = DeviceReason::Trial {
        cpu_ms: ms(on_cpu),
        adapter: name.clone(),
        adapter_ms: ms(on_gpu),
    };
    match on_gpu.is_some_and(|it| on_cpu.is_none_or(|cpu| it < cpu)) {
        true => ChosenDevice {
            device: gpu,
            name,
            reason,
        },
        false => ChosenDevice::cpu(reason),
    }
}

/// The trial: products of the network's size for 48 views of eight leads, the answer read back;
/// seconds of the fastest of three runs after one to warm up.
fn trial(device: &Device) -> Option<f64> {
    use burn::tensor::Tensor;
    let run = || {
        let start = std::time::Instant::now();
        let mut x: Tensor<2> = Tensor::ones([48 * 8, 64], device);
        let w: Tensor<2> = Tensor::ones([64, 64], device) / 64.0;
        for _ in 0..12 {
            x = x.matmul(w.clone());
        }
        let found = x.try_into_data().ok()?.try_to_vec::<f32>().ok()?;
        found
            .iter()
            .all(|it| (it - 1.0).abs() < 1e-3)
            .then(|| start.elapsed().as_secs_f64())
    };
    run()?;
    (0..3).filter_map(|_| run()).min_by(f64::total_cmp)
}

/// The graphics adapters of this machine; none in a build without the `gpu` feature.
pub fn adapters() -> Vec<AdapterInfo> {
    gpu::adapters()
}

#[cfg(not(feature = "gpu"))]
mod gpu {
    use super::{AdapterInfo, Device};

    pub(super) fn adapters() -> Vec<AdapterInfo> {
        Vec::new()
    }

    pub(super) fn device(_: &AdapterInfo) -> Result<Device, String> {
        Err("this build has no graphics support".into())
    }
}

#[cfg(feature = "gpu")]
mod gpu {
    use std::sync::{LazyLock, Mutex};

    use burn::tensor::{Device, DeviceKind};
    use burn_wgpu::wgpu::{Backends, DeviceType, Instance, InstanceDescriptor};

    use super::{AdapterInfo, Kind};

    pub(super) fn adapters() -> Vec<AdapterInfo> {
        // Not OpenGL: it cannot compute what the network needs everywhere, and looking for it wakes
        // the display.
        let backends = Backends::VULKAN | Backends::METAL | Backends::DX12;
        let instance = Instance::new(InstanceDescriptor {
            backends,
            ..InstanceDescriptor::new_without_display_handle()
        });
        let found = pollster::block_on(instance.enumerate_adapters(backends));
        let mut counts = [0; 3];
        let mut next = |which: usize| {
            counts[which] += 1;
            counts[which] - 1
        };
        let describe = |(number, it): (usize, burn_wgpu::wgpu::Adapter)| {
            let info = it.get_info();
            let kind = match info.device_type {
                DeviceType::DiscreteGpu => Kind::Discrete(next(0)),
                DeviceType::IntegratedGpu => Kind::Integrated(next(1)),
                DeviceType::VirtualGpu => Kind::Virtual(next(2)),
                DeviceType::Cpu => Kind::Software,
                DeviceType::Other => Kind::Other,
            };
            AdapterInfo {
                number,
                name: info.name,
                interface: info.backend.to_string(),
                is_software: kind == Kind::Software,
                kind,
            }
        };
        found.into_iter().enumerate().map(describe).collect()
    }

    /// A runtime can be set up once per process and adapter.
    static MADE: LazyLock<Mutex<Vec<(DeviceKind, Device)>>> = LazyLock::new(Mutex::default);

    pub(super) fn device(adapter: &AdapterInfo) -> Result<Device, String> {
        let kind = match adapter.kind {
            Kind::Discrete(n) => DeviceKind::DiscreteGpu(n),
            Kind::Integrated(n) => DeviceKind::IntegratedGpu(n),
            Kind::Virtual(n) => DeviceKind::VirtualGpu(n),
            Kind::Software => DeviceKind::Cpu,
            Kind::Other => DeviceKind::DefaultDevice,
        };
        let mut made = MADE.lock().map_err(|it| it.to_string())?;
        if let Some((_, device)) = made.iter().find(|it| it.0 == kind) {
            return Ok(device.clone());
        }
        let (device, _) = Device::wgpu_options()
            .device_kind(kind.clone())
            .init_with_setup()
            .map_err(|it| it.to_string())?;
        made.push((kind, device.clone()));
        Ok(device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_and_the_cpu_is_always_there() {
        for (text, expected) in [
            ("auto", DeviceChoice::Auto),
            ("CPU", DeviceChoice::Cpu),
            ("gpu", DeviceChoice::Gpu),
            ("1", DeviceChoice::Adapter(1)),
        ] {
            assert_eq!(text.parse(), Ok(expected));
            assert_eq!(expected.to_string(), text.to_lowercase());
        }
        assert!("fast".parse::<DeviceChoice>().is_err());
        assert_eq!(choose(DeviceChoice::Cpu).name, "CPU");
        assert_eq!(choose(DeviceChoice::Adapter(99)).name, "CPU");
    }

    #[test]
    fn software_is_not_chosen_by_itself() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Gpu] {
            let chosen = choose(choice);
            assert!(
                adapters()
                    .iter()
                    .filter(|it| it.is_software)
                    .all(|it| it.name != chosen.name),
                "{}: {:?}",
                chosen.name,
                chosen.reason
            );
        }
    }
}
