//! Standard output, whose reader may leave (`| head`): that ends a command quietly. In this room
//! `print!` and `println!` mean the ones below.

use std::{
    fmt::Arguments,
    io::{self, ErrorKind, Write},
};

/// Standard output; writing after its reader has left ends the program.
pub(super) struct StandardOutput;

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quietly(io::stdout().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        quietly(io::stdout().flush())
    }
}

fn quietly<T>(done: io::Result<T>) -> io::Result<T> {
    if done
        .as_ref()
        .is_err_and(|it| it.kind() == ErrorKind::BrokenPipe)
    {
        crate::formats::remove_unfinished();
        std::process::exit(0);
    }
    done
}

/// Writes to standard output; a disk that is full there is nothing a command could mend.
pub(super) fn print(text: Arguments) {
    let _ = StandardOutput.write_fmt(text);
}

macro_rules! print {
    ($($arg:tt)*) => { $crate::cli::print::print(format_args!($($arg)*)) };
}

macro_rules! println {
    () => { $crate::cli::print::print(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::cli::print::print(format_args!("{}\n", format_args!($($arg)*))) };
}
