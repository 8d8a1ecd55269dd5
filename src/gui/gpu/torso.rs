//! Draws the torso into an own colour and depth target and copies it into egui's pass, which has no
//! depth.

use std::sync::Arc;

use eframe::{
    egui::{PaintCallbackInfo, Rgba},
    egui_wgpu::{self, CallbackResources, CallbackTrait, ScreenDescriptor, wgpu},
};

use super::{
    super::torso_model::TorsoModel,
    geometry::{Buffers, Surface},
    pipelines::{
        COLOUR, DEPTH, EguiFormat, SAMPLES, blit_layout, blit_pipeline, marker_pipeline,
        surface_pipeline,
    },
    scene::{Marker, Scene, SkinVertex, ball, heart_vertices},
};

/// One frame of the torso: what [`TorsoRenderer`] is asked to draw.
pub struct TorsoPicture {
    /// Camera, colours, point.
    pub scene: Scene,
    /// Skin with coverage and potentials.
    pub skin: Arc<Vec<SkinVertex>>,
    /// Changes when `skin` does.
    pub skin_revision: u64,
    /// Electrodes.
    pub markers: Vec<Marker>,
    /// Colour of the heart.
    pub heart: Rgba,
}

impl TorsoPicture {
    /// The shape to add to a painter.
    pub fn into_shape(self, rect: eframe::egui::Rect) -> eframe::egui::Shape {
        egui_wgpu::Callback::new_paint_callback(
            rect,
            Callback {
                picture: self,
                rect,
            },
        )
        .into()
    }
}

struct Callback {
    picture: TorsoPicture,
    rect: eframe::egui::Rect,
}

impl CallbackTrait for Callback {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let Some(EguiFormat(format)) = resources.get::<EguiFormat>().copied() else {
            return Vec::new();
        };
        let renderer = resources
            .entry::<TorsoRenderer>()
            .or_insert_with(|| TorsoRenderer::new(device, queue, format));
        let pixels = |it: f32| ((it * screen.pixels_per_point).round() as u32).clamp(1, 4096);
        renderer.draw(
            device,
            queue,
            encoder,
            [pixels(self.rect.width()), pixels(self.rect.height())],
            &self.picture,
        );
        Vec::new()
    }

    fn paint(
        &self,
        _: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        if let Some(renderer) = resources.get::<TorsoRenderer>() {
            renderer.blit(pass);
        }
    }
}

/// Pipelines and buffers; lives in egui's callback resources.
pub struct TorsoRenderer {
    surface: wgpu::RenderPipeline,
    marker: wgpu::RenderPipeline,
    blit: wgpu::RenderPipeline,
    blit_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    scene: wgpu::Buffer,
    scene_group: wgpu::BindGroup,
    skin: Surface,
    skin_revision: Option<u64>,
    heart: Surface,
    heart_colour: Option<Rgba>,
    ball: wgpu::Buffer,
    n_ball: u32,
    markers: wgpu::Buffer,
    target: Option<Offscreen>,
}

/// Most markers drawn.
const MOST_MARKERS: usize = 256;

impl TorsoRenderer {
    /// Makes the pipelines; `egui_format` is the format of egui's own target.
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        egui_format: wgpu::TextureFormat,
    ) -> Self {
        use wgpu::BufferUsages as Usage;
        let module = |label, text: &'static str| {
            device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(label),
                source: wgpu::ShaderSource::Wgsl(text.into()),
            })
        };
        let torso = module("torso", include_str!("torso.wgsl"));
        let copy = module("blit", include_str!("blit.wgsl"));
        let buffers = Buffers { device, queue };
        let scene = buffers.empty("torso scene", size_of::<Scene>(), Usage::UNIFORM);
        let (scene_layout, scene_group) = scene_group(device, &scene);
        let blit_layout = blit_layout(device);
        let TorsoModel { finer, heart, .. } = TorsoModel::shipped();
        let ball = ball();
        let most_bytes = MOST_MARKERS * size_of::<Marker>();
        Self {
            surface: surface_pipeline(device, &torso, &scene_layout),
            marker: marker_pipeline(device, &torso, &scene_layout),
            blit: blit_pipeline(device, &copy, &blit_layout, egui_format),
            blit_layout,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("torso blit"),
                ..Default::default()
            }),
            scene,
            scene_group,
            skin: Surface::new(&buffers, "skin", finer.corners(), &finer.triangles),
            skin_revision: None,
            heart: Surface::new(&buffers, "heart", heart.vertices_mm.len(), &heart.triangles),
            heart_colour: None,
            ball: buffers.filled("ball", bytemuck::cast_slice(&ball), Usage::VERTEX),
            n_ball: ball.len() as u32,
            markers: buffers.empty("markers", most_bytes, Usage::VERTEX),
            target: None,
        }
    }

    /// Draws into the own target, which is made anew when the size changes.
    pub fn draw(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        size: [u32; 2],
        picture: &TorsoPicture,
    ) {
        self.upload(queue, picture);
        if self.target.as_ref().is_none_or(|it| it.size != size) {
            self.target = Some(Offscreen::new(
                device,
                size,
                &self.blit_layout,
                &self.sampler,
            ));
        }
        let Some(target) = &self.target else { return };
        let n_markers = picture.markers.len().min(MOST_MARKERS) as u32;
        let clear = wgpu::Operations {
            load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT),
            store: wgpu::StoreOp::Discard,
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("torso"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &target.smooth,
                depth_slice: None,
                resolve_target: Some(&target.resolved),
                ops: clear,
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: &target.depth,
                depth_ops: Some(wgpu::Operations {
                    load: wgpu::LoadOp::Clear(1.0),
                    store: wgpu::StoreOp::Discard,
                }),
                stencil_ops: None,
            }),
            ..Default::default()
        });
        pass.set_bind_group(0, &self.scene_group, &[]);
        pass.set_pipeline(&self.surface);
        self.heart.draw(&mut pass);
        pass.set_pipeline(&self.marker);
        pass.set_vertex_buffer(0, self.ball.slice(..));
        pass.set_vertex_buffer(1, self.markers.slice(..));
        pass.draw(0..self.n_ball, 0..n_markers);
        pass.set_pipeline(&self.surface);
        self.skin.draw(&mut pass);
    }

    /// Copies the finished picture into egui's pass, whose viewport is the pane.
    pub fn blit(&self, pass: &mut wgpu::RenderPass<'static>) {
        if let Some(target) = &self.target {
            pass.set_pipeline(&self.blit);
            pass.set_bind_group(0, &target.bind_group, &[]);
            pass.draw(0..3, 0..1);
        }
    }

    fn upload(&mut self, queue: &wgpu::Queue, picture: &TorsoPicture) {
        queue.write_buffer(&self.scene, 0, bytemuck::bytes_of(&picture.scene));
        let markers = &picture.markers[..picture.markers.len().min(MOST_MARKERS)];
        queue.write_buffer(&self.markers, 0, bytemuck::cast_slice(markers));
        if self.skin_revision != Some(picture.skin_revision)
            && picture.skin.len() == TorsoModel::shipped().finer.corners()
        {
            self.skin.write(queue, &picture.skin);
            self.skin_revision = Some(picture.skin_revision);
        }
        if self.heart_colour != Some(picture.heart) {
            self.heart.write(queue, &heart_vertices(picture.heart));
            self.heart_colour = Some(picture.heart);
        }
    }
}

/// The torso's own target: colour in four samples, resolved to one, and depth.
struct Offscreen {
    size: [u32; 2],
    smooth: wgpu::TextureView,
    resolved: wgpu::TextureView,
    depth: wgpu::TextureView,
    bind_group: wgpu::BindGroup,
}

impl Offscreen {
    fn new(
        device: &wgpu::Device,
        size: [u32; 2],
        layout: &wgpu::BindGroupLayout,
        sampler: &wgpu::Sampler,
    ) -> Self {
        let texture = |label, format, sample_count, usage| {
            let size = wgpu::Extent3d {
                width: size[0],
                height: size[1],
                depth_or_array_layers: 1,
            };
            let it = device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size,
                mip_level_count: 1,
                sample_count,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage,
                view_formats: &[],
            });
            it.create_view(&wgpu::TextureViewDescriptor::default())
        };
        let attachment = wgpu::TextureUsages::RENDER_ATTACHMENT;
        let resolved = texture(
            "torso resolved",
            COLOUR,
            1,
            attachment | wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_SRC,
        );
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("torso blit"),
            layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&resolved),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::Sampler(sampler),
                },
            ],
        });
        let smooth = texture("torso", COLOUR, SAMPLES, attachment);
        Self {
            size,
            smooth,
            resolved,
            depth: texture("torso depth", DEPTH, SAMPLES, attachment),
            bind_group,
        }
    }
}

/// The scene as both stages of the shaders see it.
fn scene_group(
    device: &wgpu::Device,
    scene: &wgpu::Buffer,
) -> (wgpu::BindGroupLayout, wgpu::BindGroup) {
    let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("torso scene"),
        entries: &[wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        }],
    });
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("torso scene"),
        layout: &layout,
        entries: &[wgpu::BindGroupEntry {
            binding: 0,
            resource: scene.as_entire_binding(),
        }],
    });
    (layout, group)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use eframe::egui::{Rect, pos2, vec2};
    use resvg::tiny_skia::Pixmap;

    use super::{
        super::{
            super::{camera::Camera, theme::LIGHT, torso_colouring::TorsoColouring},
            scene::scene,
        },
        *,
    };
    use crate::ecg::site;

    /// 320 pixels are 1280 bytes: rows as the copy wants them.
    const SIZE: [u32; 2] = [320, 384];

    fn adapter() -> Option<(wgpu::Device, wgpu::Queue)> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = wait(instance.request_adapter(&wgpu::RequestAdapterOptions {
            force_fallback_adapter: true,
            ..Default::default()
        }));
        let adapter = adapter
            .or_else(|_| wait(instance.request_adapter(&wgpu::RequestAdapterOptions::default())))
            .ok()?;
        println!("drawn by {}", adapter.get_info().name);
        wait(adapter.request_device(&wgpu::DeviceDescriptor::default())).ok()
    }

    /// On the desktop these futures are done when they are asked.
    fn wait<F: Future>(future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        loop {
            if let std::task::Poll::Ready(found) = future.as_mut().poll(&mut context) {
                return found;
            }
        }
    }

    fn drawn(device: &wgpu::Device, queue: &wgpu::Queue, picture: &TorsoPicture) -> Pixmap {
        let mut renderer = TorsoRenderer::new(device, queue, COLOUR);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        renderer.draw(device, queue, &mut encoder, SIZE, picture);
        let texture = renderer.target.as_ref().unwrap().resolved.texture().clone();
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(4 * SIZE[0] * SIZE[1]),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(4 * SIZE[0]),
            rows_per_image: None,
        };
        let size = wgpu::Extent3d {
            width: SIZE[0],
            height: SIZE[1],
            depth_or_array_layers: 1,
        };
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout,
            },
            size,
        );
        queue.submit([encoder.finish()]);
        buffer
            .slice(..)
            .map_async(wgpu::MapMode::Read, |it| it.unwrap());
        device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
        let mut out = Pixmap::new(SIZE[0], SIZE[1]).unwrap();
        out.data_mut()
            .copy_from_slice(&buffer.slice(..).get_mapped_range().unwrap());
        out
    }

    /// The torso from the front with two electrodes. `ECG_UPDATE_PICTURES=1` stores it anew.
    #[test]
    fn the_torso_looks_as_stored() {
        let Some((device, queue)) = adapter() else {
            return println!("skipped: no graphics adapter");
        };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(SIZE[0] as f32, SIZE[1] as f32));
        let at = |name: &str| TorsoModel::shipped().skin_at(site(name).unwrap().view);
        let marker = |name: &str| {
            let mm = at(name);
            Marker {
                centre: [mm[0] as f32, mm[1] as f32, mm[2] as f32, 6.0],
                colour: [0.1, 0.1, 0.2, 1.0],
            }
        };
        let (skin, skin_revision) = TorsoColouring::plain();
        let picture = TorsoPicture {
            scene: scene(Camera::START, rect, &LIGHT, at("V2"), false),
            skin,
            skin_revision,
            markers: vec![marker("V1"), marker("V4")],
            heart: Rgba::from_rgb(0.72, 0.26, 0.27),
        };
        let now = drawn(&device, &queue, &picture);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screens/torso.png");
        if std::env::var_os("ECG_UPDATE_PICTURES").is_some() {
            return now.save_png(path).unwrap();
        }
        let then = Pixmap::load_png(path).unwrap();
        let pairs = || now.data().iter().zip(then.data());
        let mean =
            pairs().map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / now.data().len() as f64;
        let far =
            pairs().filter(|(a, b)| 40 < a.abs_diff(**b)).count() as f64 / now.data().len() as f64;
        println!(
            "mean difference {mean:.3} of 255, {:.2} % far off",
            100.0 * far
        );
        assert!(
            mean < 1.5 && far < 0.01,
            "the torso looks different: mean {mean:.2}, far {far:.4}"
        );
        assert!(
            now.pixels().iter().filter(|it| it.alpha() == 0).count() > 10_000,
            "the room around the body is empty"
        );
    }
}
