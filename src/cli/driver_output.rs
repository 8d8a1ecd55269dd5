//! Keeps a graphics driver's own words off the user's terminal.
//!
//! Mesa's device-selection layer asks a Wayland display about every Vulkan instance, also where
//! there is none, and Wayland's library then writes "XDG_RUNTIME_DIR is invalid or not set" to the
//! terminal. Only the environment can tell the layer to stay out, and a running program cannot
//! change its own environment safely: it starts itself again, once, in its own place.

/// To be called before anything is printed, by commands that look for graphics adapters.
pub(super) fn suppress_driver_output() {
    #[cfg(target_os = "linux")]
    {
        use std::{env, os::unix::process::CommandExt, process::Command};
        const LAYER_OFF: &str = "NODEVICE_SELECT";
        let is_needed =
            env::var_os("XDG_RUNTIME_DIR").is_none() && env::var_os(LAYER_OFF).is_none();
        if let (true, Ok(program)) = (is_needed, env::current_exe()) {
            // Comes back only where it failed; then the message is seen, and nothing else is lost.
            let _ = Command::new(program)
                .args(env::args_os().skip(1))
                .env(LAYER_OFF, "1")
                .exec();
        }
    }
}
