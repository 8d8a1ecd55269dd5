//! The work of one frame of the window while the point is dragged, without a graphics card: logic,
//! layout, the screen reader's tree and tessellation, with twelve leads and one virtual one. Aim:
//! at most 4 ms in the median.
#![allow(clippy::unwrap_used)]

#[cfg(feature = "gui")]
mod gui {
    use std::time::{Duration, Instant};

    use divan::Bencher;
    use ecg_panorama::{
        ecg::ViewAngle,
        gui::App,
        session::{Autosave, Calibrating, Command, Edit, engine::network},
    };
    use eframe::egui;
    use egui_kittest::Harness;

    fn demo(folder: &std::path::Path) -> Harness<'static, App> {
        let keep = Autosave::new(folder.join("keep"));
        let mut window = Harness::builder()
            .with_size(egui::vec2(1280.0, 800.0))
            .with_max_steps(40)
            .build_eframe(move |cc| App::new(cc, None, keep, network).with_typed_paths());
        window.state_mut().act(Command::OpenDemo("normal".into()));
        let start = Instant::now();
        let is_ready = |window: &Harness<'static, App>| {
            let session = window.state().session();
            matches!(session.calibrating, Calibrating::Ready(_))
                && session.results.point.is_some()
                && session.results.reliability.is_some()
        };
        while !is_ready(&window) && start.elapsed() < Duration::from_secs(60) {
            window.step();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(is_ready(&window), "no virtual lead to drag");
        window
    }

    #[divan::bench(sample_count = 400, sample_size = 1)]
    fn frame_of_a_drag(bencher: Bencher) {
        let folder = tempfile::tempdir().unwrap();
        let window = std::cell::RefCell::new(demo(folder.path()));
        let step = std::cell::Cell::new(0u32);
        let next = || {
            // As a screen does: the last answer has time to come.
            std::thread::sleep(Duration::from_millis(8));
            step.set(step.get() + 1);
            let k = f64::from(step.get());
            ViewAngle::from_degrees(
                70.0 + 15.0 * (0.05 * k).sin(),
                20.0 + 20.0 * (0.04 * k).cos(),
            )
            .unwrap()
        };
        bencher.with_inputs(next).bench_local_values(|view| {
            let mut window = window.borrow_mut();
            window.state_mut().act(Edit::MovePoint(view));
            window.step();
            let (shapes, pixels) = (
                window.output().shapes.clone(),
                window.output().pixels_per_point,
            );
            window.ctx.tessellate(shapes, pixels)
        });
    }

    #[divan::bench(sample_count = 200, sample_size = 1)]
    fn frame_at_rest(bencher: Bencher) {
        let folder = tempfile::tempdir().unwrap();
        let mut window = demo(folder.path());
        bencher.bench_local(|| {
            window.step();
            let (shapes, pixels) = (
                window.output().shapes.clone(),
                window.output().pixels_per_point,
            );
            window.ctx.tessellate(shapes, pixels)
        });
    }
}

fn main() {
    divan::main();
}
