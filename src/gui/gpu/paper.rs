//! Draws ECG paper by a pipeline of its own. As a mesh, ground and grid were three quarters of what
//! a software adapter had to shade: each pixel several times over, by egui's shader, which is made
//! for textures.

use eframe::{
    egui::{Color32, PaintCallbackInfo, Pos2, Rect, Rgba, Shape},
    egui_wgpu::{self, CallbackResources, CallbackTrait, ScreenDescriptor, wgpu},
};

use super::pipelines::{EguiFormat, vertex_layout};

/// The paper of one pane.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// Which pane of the window: no two of one frame may share it. At most [`MOST_PANES`].
    pub pane: usize,
    /// Where a major line meets another, points.
    pub origin: Pos2,
    /// Points per millimetre.
    pub per_mm: f32,
    /// Ground, lines every millimetre, lines every five.
    pub colours: [Color32; 3],
}

/// Panes in one frame.
pub const MOST_PANES: usize = 256;
/// Millimetres closer than this, in pixels, would be a smear.
const LEAST_STEP: f32 = 2.4;

impl Paper {
    /// The shape to add to a painter.
    pub fn into_shape(self, rect: Rect) -> Shape {
        egui_wgpu::Callback::new_paint_callback(rect, self).into()
    }

    /// What the shader is given, on a target of that format.
    fn pane(&self, pixels_per_point: f32, format: wgpu::TextureFormat) -> Pane {
        let step = self.per_mm * pixels_per_point;
        // egui's colours are gamma-encoded, as its target usually is.
        let colour = |it: Color32| {
            if format.is_srgb() {
                Rgba::from(it).to_array()
            } else {
                it.to_normalized_gamma_f32()
            }
        };
        let [paper, minor, major] = self.colours.map(colour);
        let scale = [
            self.origin.x * pixels_per_point,
            self.origin.y * pixels_per_point,
            step,
            f32::from(u8::from(LEAST_STEP <= step)),
        ];
        Pane {
            scale,
            paper,
            minor,
            major,
        }
    }
}

/// As in paper.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
struct Pane {
    scale: [f32; 4],
    paper: [f32; 4],
    minor: [f32; 4],
    major: [f32; 4],
}

struct PaperRenderer {
    pipeline: wgpu::RenderPipeline,
    panes: wgpu::Buffer,
}

impl PaperRenderer {
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let source = wgpu::ShaderSource::Wgsl(include_str!("paper.wgsl").into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("paper"),
            source,
        });
        let panes = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("paper panes"),
            size: (MOST_PANES * size_of::<Pane>()) as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            pipeline: paper_pipeline(device, &module, format),
            panes,
        }
    }
}

impl CallbackTrait for Paper {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        _: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let Some(EguiFormat(format)) = resources.get::<EguiFormat>().copied() else {
            return Vec::new();
        };
        let renderer = resources
            .entry::<PaperRenderer>()
            .or_insert_with(|| PaperRenderer::new(device, format));
        let pane = self.pane(screen.pixels_per_point, format);
        queue.write_buffer(
            &renderer.panes,
            (self.pane.min(MOST_PANES - 1) * size_of::<Pane>()) as u64,
            bytemuck::bytes_of(&pane),
        );
        Vec::new()
    }

    fn paint(
        &self,
        _: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        if let Some(renderer) = resources.get::<PaperRenderer>() {
            let pane = self.pane.min(MOST_PANES - 1) as u32;
            pass.set_pipeline(&renderer.pipeline);
            pass.set_vertex_buffer(0, renderer.panes.slice(..));
            pass.draw(0..3, pane..pane + 1);
        }
    }
}

/// Ground and grid of the paper; no bindings: all it needs comes with the pane.
fn paper_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    let attributes =
        wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4];
    let layout = wgpu::PipelineLayoutDescriptor {
        label: Some("paper"),
        ..Default::default()
    };
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("paper"),
        layout: Some(&device.create_pipeline_layout(&layout)),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("paper_vertex"),
            compilation_options: Default::default(),
            buffers: &[Some(vertex_layout(
                size_of::<Pane>(),
                wgpu::VertexStepMode::Instance,
                &attributes,
            ))],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some("paper_fragment"),
            compilation_options: Default::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: None,
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    /// The shader's rule for one axis, in words that can be tested here.
    fn on_line(edge: f32, step: f32) -> bool {
        (edge / step - 1e-4).ceil() * step < edge + 0.9995
    }

    #[test]
    fn each_line_is_one_pixel_and_none_is_lost() {
        for (origin, step) in [
            (11.0f32, 3.0f32),
            (11.4, 3.137),
            (0.0, 4.25),
            (-730.6, 9.873),
        ] {
            let lit: Vec<i32> = (0..2000)
                .filter(|it| on_line(*it as f32 - origin, step))
                .collect();
            let lines = (-1000..1000).map(|it| f64::from(origin) + f64::from(it) * f64::from(step));
            let expected: Vec<i32> = lines
                .filter(|it| 0.0 <= *it && *it < 2000.0)
                .map(|it| it.floor() as i32)
                .collect();
            let apart = lit
                .iter()
                .zip(&expected)
                .filter(|(a, b)| 1 < a.abs_diff(**b))
                .count();
            assert!(
                lit.len().abs_diff(expected.len()) <= 1 && apart == 0,
                "origin {origin}, step {step}: {} {}",
                lit.len(),
                expected.len()
            );
        }
    }

    #[test]
    fn fine_lines_go_where_they_would_smear() {
        let paper = |per_mm| Paper {
            pane: 0,
            origin: pos2(2.0, 4.0),
            per_mm,
            colours: [Color32::WHITE, Color32::RED, Color32::BLACK],
        };
        let format = wgpu::TextureFormat::Bgra8Unorm;
        assert_eq!(paper(3.0).pane(1.5, format).scale, [3.0, 6.0, 4.5, 1.0]);
        assert_eq!(paper(1.5).pane(1.5, format).scale[3], 0.0);
        assert_eq!(paper(3.0).pane(1.0, format).minor, [1.0, 0.0, 0.0, 1.0]);
    }
}
