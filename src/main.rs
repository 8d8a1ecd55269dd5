//! Parses arguments, then opens the window or runs a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecg_panorama::cli::main()
}
