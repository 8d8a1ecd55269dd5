//! The program itself on a display of its own: it opens, a drag moves the virtual lead, a page is
//! exported and copied by keyboard, it closes. Needs Xvfb and xdotool, and xclip for what was
//! copied; says so where they are absent.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.
#![cfg(feature = "gui")]

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use resvg::tiny_skia::Pixmap;

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn is_here(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

fn xdotool(display: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new("xdotool")
        .env("DISPLAY", display)
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn screenshot(display: &str, to: &Path) -> Option<Vec<u8>> {
    let status = Command::new("import")
        .env("DISPLAY", display)
        .args(["-window", "root"])
        .arg(to)
        .stderr(Stdio::null())
        .status()
        .ok()?;
    status.success().then(|| std::fs::read(to).ok()).flatten()
}

/// Waits until two pictures in a row are equal.
fn settled(display: &str, folder: &Path, patience: Duration) -> Option<Vec<u8>> {
    let start = Instant::now();
    let mut before = screenshot(display, &folder.join("a.ppm"))?;
    while start.elapsed() < patience {
        sleep(Duration::from_millis(1500));
        let now = screenshot(display, &folder.join("a.ppm"))?;
        if now == before && start.elapsed() > Duration::from_secs(4) {
            return Some(now);
        }
        before = now;
    }
    Some(before)
}

/// What other programs get when they paste it as `kind`.
fn clipboard(display: &str, kind: &str) -> Vec<u8> {
    let xclip = Command::new("xclip")
        .env("DISPLAY", display)
        .args(["-selection", "clipboard", "-t", kind, "-o"])
        .output();
    xclip.map(|it| it.stdout).unwrap_or_default()
}

/// Asks again and again until what is on the clipboard will do.
fn pasted(
    display: &str,
    kind: &str,
    patience: Duration,
    will_do: impl Fn(&[u8]) -> bool,
) -> Option<Vec<u8>> {
    let start = Instant::now();
    while start.elapsed() < patience {
        let found = clipboard(display, kind);
        if will_do(&found) {
            return Some(found);
        }
        sleep(Duration::from_millis(300));
    }
    None
}

/// Text out of a field, then the page as a picture: both by keyboard, both read by another program.
fn copies(display: &str, keys: impl Fn(&[&str])) {
    if !is_here("xclip") {
        return println!("skipped: xclip is needed to see what was copied");
    }
    keys(&["key", "Escape"]);
    keys(&["key", "ctrl+k"]);
    keys(&["type", "--delay", "40", "Leads as CSV"]);
    keys(&["key", "Return"]);
    keys(&["key", "ctrl+a"]);
    keys(&["key", "ctrl+c"]);
    let text = pasted(display, "UTF8_STRING", Duration::from_secs(20), |it| {
        it.ends_with(b"-panorama.csv")
    });
    assert!(
        text.is_some(),
        "the name in the field was not copied: {:?}",
        String::from_utf8_lossy(&clipboard(display, "UTF8_STRING"))
    );
    keys(&["key", "Escape"]);
    keys(&["key", "ctrl+shift+c"]);
    let picture = pasted(display, "image/png", Duration::from_secs(60), |it| {
        it.starts_with(b"\x89PNG")
    });
    let kinds = String::from_utf8_lossy(&clipboard(display, "TARGETS")).into_owned();
    let picture = Pixmap::decode_png(
        &picture.unwrap_or_else(|| panic!("no picture was copied, only {kinds}")),
    )
    .unwrap();
    // A4 across, 297 × 210 mm, at 150 dots an inch.
    assert!(
        picture.width().abs_diff(1754) <= 2 && picture.height().abs_diff(1240) <= 2,
        "{} × {}",
        picture.width(),
        picture.height()
    );
    let share = |of: &dyn Fn(u8, u8, u8) -> bool| {
        let pixels = picture
            .pixels()
            .iter()
            .filter(|it| of(it.red(), it.green(), it.blue()))
            .count();
        pixels as f64 / picture.pixels().len() as f64
    };
    let (ink, violet) = (
        share(&|r, g, b| r < 90 && g < 90 && b < 90),
        share(&|_, g, b| g < 110 && 40 < b.saturating_sub(g)),
    );
    println!(
        "copied: {:.2} % ink, {:.2} % violet",
        100.0 * ink,
        100.0 * violet
    );
    assert!(
        0.002 < ink && ink < 0.3 && 0.0005 < violet,
        "recorded leads in ink {ink}, the synthesised one in violet {violet}"
    );
}

/// Bytes that differ between two pictures (binary PPM, 1440 × 900) inside left, top, right, bottom.
fn changed(before: &[u8], after: &[u8], [left, top, right, bottom]: [usize; 4]) -> usize {
    const WIDTH: usize = 1440;
    let header = before.len() - 3 * WIDTH * 900;
    let row = |y: usize| header + 3 * (y * WIDTH + left)..header + 3 * (y * WIDTH + right);
    (top..bottom)
        .map(|y| {
            before[row(y)]
                .iter()
                .zip(&after[row(y)])
                .filter(|(a, b)| a != b)
                .count()
        })
        .sum()
}

#[test]
fn a_drag_on_the_torso_changes_the_picture() {
    if !["Xvfb", "xdotool", "import"].iter().all(|it| is_here(it)) {
        println!("skipped: Xvfb, xdotool and import are needed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let display = format!(":{}", 200 + std::process::id() % 700);
    let server = Command::new("Xvfb")
        .args([&display, "-screen", "0", "1440x900x24"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _server = Ended(server.unwrap());
    sleep(Duration::from_millis(800));
    let recording = folder.path().join("demo.edf");
    std::fs::write(&recording, ecg_panorama::session::demos()[0].file()).unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
        .arg(&recording)
        .env("DISPLAY", &display)
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("ECG_PANORAMA_TYPED_PATHS", "1")
        .env_remove("WAYLAND_DISPLAY")
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut program = Ended(program.unwrap());
    let start = Instant::now();
    while xdotool(&display, &["search", "--name", "ECG Panorama"]).is_none() {
        if program.0.try_wait().unwrap().is_some() {
            let page = folder.path().join("panorama.pdf");
            assert!(page.exists(), "no window and no page");
            println!("skipped: no graphics adapter here; the page was written instead");
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no window");
        sleep(Duration::from_millis(200));
    }
    // A loaded machine paints late: nothing is clicked before there is paper to see.
    let start = Instant::now();
    let is_lit =
        |picture: &[u8]| picture.iter().filter(|it| 200 < **it).count() > picture.len() / 4;
    while !screenshot(&display, &folder.path().join("a.ppm")).is_some_and(|it| is_lit(&it)) {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "nothing was painted"
        );
        sleep(Duration::from_millis(500));
    }
    let before = settled(&display, folder.path(), Duration::from_secs(60)).unwrap();
    // The torso fills the upper right: a click puts the point there, a drag takes it along.
    xdotool(&display, &["mousemove", "1150", "260", "click", "1"]);
    sleep(Duration::from_millis(1500));
    xdotool(&display, &["mousemove", "1150", "260", "mousedown", "1"]);
    for step in 0..10 {
        let (x, y) = (1150 + 8 * step, 260 + 5 * step);
        xdotool(&display, &["mousemove", &x.to_string(), &y.to_string()]);
        sleep(Duration::from_millis(60));
    }
    xdotool(&display, &["mouseup", "1"]);
    let start = Instant::now();
    let (mut torso, mut strip) = (0, 0);
    while !(500 < torso && 500 < strip) && start.elapsed() < Duration::from_secs(60) {
        let after = settled(&display, folder.path(), Duration::from_secs(20)).unwrap();
        assert_eq!(before.len(), after.len());
        (torso, strip) = (
            changed(&before, &after, [900, 60, 1420, 480]),
            changed(&before, &after, [20, 620, 860, 850]),
        );
    }
    assert!(
        500 < torso && 500 < strip,
        "the torso changed by {torso} bytes, the virtual lead by {strip}"
    );
    assert!(
        program.0.try_wait().unwrap().is_none(),
        "the program is still there"
    );

    // By keyboard alone: the palette, the export, the path.
    let page = folder.path().join("page.pdf");
    let window = xdotool(&display, &["search", "--name", "ECG Panorama"]).unwrap();
    let window = window.lines().last().unwrap_or_default().to_owned();
    xdotool(&display, &["windowfocus", &window]);
    // A loaded machine answers late: later attempts take more time.
    for pause_s in [1, 3, 6] {
        let keys = |arguments: &[&str]| {
            xdotool(&display, arguments);
            sleep(Duration::from_secs(pause_s));
        };
        keys(&["key", "Escape"]);
        keys(&["key", "Escape"]);
        keys(&["key", "ctrl+k"]);
        keys(&["type", "--delay", "40", "Page as PDF"]);
        keys(&["key", "Return"]);
        keys(&["key", "ctrl+a"]);
        keys(&["type", "--delay", "40", page.to_str().unwrap()]);
        keys(&["key", "Return"]);
        let start = Instant::now();
        while !page.exists() && start.elapsed() < Duration::from_secs(15) {
            sleep(Duration::from_millis(200));
        }
        if page.exists() {
            break;
        }
    }
    assert!(page.exists(), "no page was exported");
    let bytes = std::fs::read(&page).unwrap();
    assert!(
        bytes.starts_with(b"%PDF") && 20_000 < bytes.len(),
        "{} bytes",
        bytes.len()
    );
    copies(&display, |arguments| {
        xdotool(&display, arguments);
        sleep(Duration::from_millis(1500));
    });
    assert!(
        program.0.try_wait().unwrap().is_none(),
        "the program is still there"
    );

    // Told to end from outside, it keeps what nobody was asked about.
    let kept = folder.path().join("data/ecg-panorama/autosave-0.panorama");
    assert!(kept.exists(), "no autosave of the edits");
    let pid = program.0.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.unwrap().success());
    program.0.wait().unwrap();
    assert!(kept.exists(), "the autosave went with the program");
}

#[test]
fn without_a_display_the_work_is_on_pages() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    if cfg!(not(target_os = "linux")) {
        println!("skipped: only on Linux is a display a matter of the environment");
        return;
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && words.contains("no window could be opened"),
        "{}: {words}",
        output.status
    );
    let page = std::fs::read(folder.path().join("panorama.pdf")).unwrap();
    assert!(page.starts_with(b"%PDF") && 20_000 < page.len());
}
