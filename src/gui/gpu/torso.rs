//! Draws the torso into an own colour and depth target and copies it into egui's pass, which has no depth.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use eframe::{
    egui::{PaintCallbackInfo, Rgba},
    egui_wgpu::{self, CallbackResources, CallbackTrait, ScreenDescriptor, wgpu},
};

use super::super::{body::Body, camera::Camera, theme::Colours};

const SAMPLES: u32 = 4;
const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;
const COLOUR: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// As in torso.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Scene {
    /// Column by column.
    pub clip_from_body: [[f32; 4]; 4],
    /// mm.
    pub eye: [f32; 4],
    /// Unit vector towards the key light.
    pub light: [f32; 4],
    /// Colour and opacity.
    pub skin: [f32; 4],
    /// Skin that no measurement covers.
    pub bare: [f32; 4],
    /// Landmark lines.
    pub line: [f32; 4],
    /// Virtual electrode, mm; radius of its halo.
    pub point: [f32; 4],
    /// Its colour.
    pub point_colour: [f32; 4],
    /// Body map on; mV between isolines; opacity of the map.
    pub options: [f32; 4],
}

/// As `SurfaceIn` in torso.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct SkinVertex {
    /// mm.
    pub position: [f32; 3],
    /// Outward.
    pub normal: [f32; 3],
    /// 0…1 covered by measurements, 2 = heart; potential, mV.
    pub state: [f32; 2],
    /// Of the map, or of the heart.
    pub colour: [f32; 4],
}

/// One ball on the skin.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Marker {
    /// mm; radius.
    pub centre: [f32; 4],
    /// Opaque.
    pub colour: [f32; 4],
}

/// Camera, light and colours of a frame.
pub fn scene(camera: Camera, rect: eframe::egui::Rect, colours: &Colours, point_mm: [f64; 3], is_map: bool) -> Scene {
    let [right, up, towards] = camera.axes();
    let eye = camera.eye_mm();
    // Over the viewer's left shoulder.
    let light: [f64; 3] = std::array::from_fn(|it| -0.45 * right[it] + 0.55 * up[it] + 0.70 * towards[it]);
    let norm = light.iter().map(|it| it * it).sum::<f64>().sqrt();
    let four = |it: [f64; 3], w: f32| [it[0] as f32, it[1] as f32, it[2] as f32, w];
    let violet = colours.synthesised;
    let channel = |it: u8| f32::from(it) / 255.0;
    Scene {
        clip_from_body: camera.clip_from_body(f64::from(rect.aspect_ratio())),
        eye: four(eye, 1.0),
        light: four(light.map(|it| it / norm), 0.0),
        skin: if colours.is_dark { [0.78, 0.66, 0.60, 0.66] } else { [0.90, 0.78, 0.72, 0.66] },
        bare: if colours.is_dark { [0.42, 0.43, 0.46, 0.72] } else { [0.70, 0.71, 0.74, 0.72] },
        line: if colours.is_dark { [0.10, 0.08, 0.08, 0.35] } else { [0.42, 0.30, 0.26, 0.45] },
        point: four(point_mm, 11.0),
        point_colour: [channel(violet.r()), channel(violet.g()), channel(violet.b()), 0.85],
        options: [f32::from(u8::from(is_map)), 0.1, 0.97, 0.0],
    }
}

/// The skin's vertices before they are coloured: `covered` says which directions measurements reach.
pub fn skin_vertices(body: &Body, covered: impl Fn(crate::ecg::ViewAngle) -> f32) -> Vec<SkinVertex> {
    let single = |it: [f64; 3]| it.map(|x| x as f32);
    let skin = body.skin.vertices_mm.iter().zip(&body.skin_normals).zip(&body.skin_views);
    skin.map(|((position, normal), view)| SkinVertex {
        position: single(*position),
        normal: single(*normal),
        state: [covered(*view), 0.0],
        colour: [1.0; 4],
    })
    .collect()
}

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
        egui_wgpu::Callback::new_paint_callback(rect, Callback { picture: self, rect }).into()
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
        if let Some(renderer) = resources.get_mut::<TorsoRenderer>() {
            let pixels = |it: f32| ((it * screen.pixels_per_point).round() as u32).clamp(1, 4096);
            renderer.draw(device, queue, encoder, [pixels(self.rect.width()), pixels(self.rect.height())], &self.picture);
        }
        Vec::new()
    }

    fn paint(&self, _: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        if let Some(renderer) = resources.get::<TorsoRenderer>() {
            renderer.blit(pass);
        }
    }
}

struct Target {
    size: [u32; 2],
    smooth: wgpu::TextureView,
    resolved: wgpu::TextureView,
    depth: wgpu::TextureView,
    bind_group: wgpu::BindGroup,
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
    skin: wgpu::Buffer,
    skin_indices: wgpu::Buffer,
    n_skin_indices: u32,
    skin_revision: Option<u64>,
    heart: wgpu::Buffer,
    heart_indices: wgpu::Buffer,
    n_heart_indices: u32,
    heart_colour: Option<Rgba>,
    ball: wgpu::Buffer,
    n_ball: u32,
    markers: wgpu::Buffer,
    target: Option<Target>,
}

/// Most markers drawn.
const MOST_MARKERS: usize = 256;

impl TorsoRenderer {
    /// Makes the pipelines; `egui_format` is the format of egui's own target.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue, egui_format: wgpu::TextureFormat) -> Self {
        let module = |label, text: &'static str| {
            device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source: wgpu::ShaderSource::Wgsl(text.into()) })
        };
        let torso = module("torso", include_str!("torso.wgsl"));
        let copy = module("blit", include_str!("blit.wgsl"));
        let scene_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("torso scene"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer { ty: wgpu::BufferBindingType::Uniform, has_dynamic_offset: false, min_binding_size: None },
                count: None,
            }],
        });
        let scene = buffer(device, "torso scene", size_of::<Scene>(), wgpu::BufferUsages::UNIFORM);
        let scene_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("torso scene"),
            layout: &scene_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: scene.as_entire_binding() }],
        });
        let blit_layout = blit_layout(device);
        let body = Body::shipped();
        let indices = |mesh: &crate::ecg::Mesh| mesh.triangles.iter().flatten().map(|it| *it as u32).collect::<Vec<_>>();
        let (skin_list, heart_list, ball_list) = (indices(&body.skin), indices(&body.heart), ball());
        let filled = |label, bytes: &[u8], usage| {
            let it = buffer(device, label, bytes.len(), usage);
            queue.write_buffer(&it, 0, bytes);
            it
        };
        Self {
            surface: surface_pipeline(device, &torso, &scene_layout),
            marker: marker_pipeline(device, &torso, &scene_layout),
            blit: blit_pipeline(device, &copy, &blit_layout, egui_format),
            blit_layout,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor { label: Some("torso blit"), ..Default::default() }),
            scene,
            scene_group,
            skin: buffer(device, "skin", body.skin.vertices_mm.len() * size_of::<SkinVertex>(), wgpu::BufferUsages::VERTEX),
            skin_indices: filled("skin triangles", bytemuck::cast_slice(&skin_list), wgpu::BufferUsages::INDEX),
            n_skin_indices: skin_list.len() as u32,
            skin_revision: None,
            heart: buffer(device, "heart", body.heart.vertices_mm.len() * size_of::<SkinVertex>(), wgpu::BufferUsages::VERTEX),
            heart_indices: filled("heart triangles", bytemuck::cast_slice(&heart_list), wgpu::BufferUsages::INDEX),
            n_heart_indices: heart_list.len() as u32,
            heart_colour: None,
            ball: filled("ball", bytemuck::cast_slice(&ball_list), wgpu::BufferUsages::VERTEX),
            n_ball: ball_list.len() as u32,
            markers: buffer(device, "markers", MOST_MARKERS * size_of::<Marker>(), wgpu::BufferUsages::VERTEX),
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
            self.target = Some(self.make_target(device, size));
        }
        let Some(target) = &self.target else { return };
        let n_markers = picture.markers.len().min(MOST_MARKERS) as u32;
        let clear = wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Discard };
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
                depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(1.0), store: wgpu::StoreOp::Discard }),
                stencil_ops: None,
            }),
            ..Default::default()
        });
        pass.set_bind_group(0, &self.scene_group, &[]);
        pass.set_pipeline(&self.surface);
        pass.set_vertex_buffer(0, self.heart.slice(..));
        pass.set_index_buffer(self.heart_indices.slice(..), wgpu::IndexFormat::Uint32);
        pass.draw_indexed(0..self.n_heart_indices, 0, 0..1);
        pass.set_pipeline(&self.marker);
        pass.set_vertex_buffer(0, self.ball.slice(..));
        pass.set_vertex_buffer(1, self.markers.slice(..));
        pass.draw(0..self.n_ball, 0..n_markers);
        pass.set_pipeline(&self.surface);
        pass.set_vertex_buffer(0, self.skin.slice(..));
        pass.set_index_buffer(self.skin_indices.slice(..), wgpu::IndexFormat::Uint32);
        pass.draw_indexed(0..self.n_skin_indices, 0, 0..1);
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
        if self.skin_revision != Some(picture.skin_revision) && picture.skin.len() == Body::shipped().skin.vertices_mm.len() {
            queue.write_buffer(&self.skin, 0, bytemuck::cast_slice(&picture.skin));
            self.skin_revision = Some(picture.skin_revision);
        }
        if self.heart_colour != Some(picture.heart) {
            queue.write_buffer(&self.heart, 0, bytemuck::cast_slice(&heart_vertices(picture.heart)));
            self.heart_colour = Some(picture.heart);
        }
    }

    fn make_target(&self, device: &wgpu::Device, size: [u32; 2]) -> Target {
        let texture = |label, format, sample_count, usage| {
            let size = wgpu::Extent3d { width: size[0], height: size[1], depth_or_array_layers: 1 };
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
        let resolved = texture("torso resolved", COLOUR, 1, attachment | wgpu::TextureUsages::TEXTURE_BINDING);
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("torso blit"),
            layout: &self.blit_layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&resolved) },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&self.sampler) },
            ],
        });
        let smooth = texture("torso", COLOUR, SAMPLES, attachment);
        Target { size, smooth, resolved, depth: texture("torso depth", DEPTH, SAMPLES, attachment), bind_group }
    }
}

fn heart_vertices(colour: Rgba) -> Vec<SkinVertex> {
    let body = Body::shipped();
    let single = |it: [f64; 3]| it.map(|x| x as f32);
    let colour = [colour.r(), colour.g(), colour.b(), 1.0];
    let corners = body.heart.vertices_mm.iter().zip(&body.heart_normals);
    corners
        .map(|(position, normal)| SkinVertex { position: single(*position), normal: single(*normal), state: [2.0, 0.0], colour })
        .collect()
}

/// Triangles of a unit ball.
fn ball() -> Vec<[f32; 3]> {
    const ROWS: usize = 8;
    const COLS: usize = 14;
    let at = |row: usize, col: usize| {
        let (st, ct) = (std::f32::consts::PI * row as f32 / ROWS as f32).sin_cos();
        let (sp, cp) = (std::f32::consts::TAU * col as f32 / COLS as f32).sin_cos();
        [st * cp, st * sp, ct]
    };
    let quad = |(row, col)| {
        let (a, b, c, d) = (at(row, col), at(row + 1, col), at(row + 1, col + 1), at(row, col + 1));
        [a, b, c, a, c, d]
    };
    (0..ROWS).flat_map(|row| (0..COLS).map(move |col| (row, col))).flat_map(quad).collect()
}

fn buffer(device: &wgpu::Device, label: &str, bytes: usize, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    let usage = usage | wgpu::BufferUsages::COPY_DST;
    device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size: bytes as u64, usage, mapped_at_creation: false })
}

fn blit_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::FRAGMENT, ty, count: None };
    let picture = wgpu::BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable: true },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let sampler = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("torso blit"),
        entries: &[entry(0, picture), entry(1, sampler)],
    })
}

fn layout(device: &wgpu::Device, group: &wgpu::BindGroupLayout) -> wgpu::PipelineLayout {
    device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("torso"),
        bind_group_layouts: &[Some(group)],
        ..Default::default()
    })
}

fn depth_state() -> wgpu::DepthStencilState {
    wgpu::DepthStencilState {
        format: DEPTH,
        depth_write_enabled: Some(true),
        depth_compare: Some(wgpu::CompareFunction::LessEqual),
        stencil: wgpu::StencilState::default(),
        bias: wgpu::DepthBiasState::default(),
    }
}

fn vertex_layout<'a>(
    stride: usize,
    step_mode: wgpu::VertexStepMode,
    attributes: &'a [wgpu::VertexAttribute],
) -> wgpu::VertexBufferLayout<'a> {
    wgpu::VertexBufferLayout { array_stride: stride as u64, step_mode, attributes }
}

fn smooth() -> wgpu::MultisampleState {
    wgpu::MultisampleState { count: SAMPLES, ..Default::default() }
}

fn colour(format: wgpu::TextureFormat) -> Option<wgpu::ColorTargetState> {
    Some(wgpu::ColorTargetState { format, blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING), write_mask: wgpu::ColorWrites::ALL })
}

fn surface_pipeline(device: &wgpu::Device, module: &wgpu::ShaderModule, group: &wgpu::BindGroupLayout) -> wgpu::RenderPipeline {
    let attributes = wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3, 2 => Float32x2, 3 => Float32x4];
    pipeline(
        device,
        "surface",
        module,
        group,
        &[Some(vertex_layout(size_of::<SkinVertex>(), wgpu::VertexStepMode::Vertex, &attributes))],
        ["surface_vertex", "surface_fragment"],
    )
}

fn marker_pipeline(device: &wgpu::Device, module: &wgpu::ShaderModule, group: &wgpu::BindGroupLayout) -> wgpu::RenderPipeline {
    let corner = wgpu::vertex_attr_array![0 => Float32x3];
    let instance = wgpu::vertex_attr_array![1 => Float32x4, 2 => Float32x4];
    let buffers = [
        Some(vertex_layout(12, wgpu::VertexStepMode::Vertex, &corner)),
        Some(vertex_layout(size_of::<Marker>(), wgpu::VertexStepMode::Instance, &instance)),
    ];
    pipeline(device, "marker", module, group, &buffers, ["marker_vertex", "marker_fragment"])
}

fn pipeline(
    device: &wgpu::Device,
    label: &str,
    module: &wgpu::ShaderModule,
    group: &wgpu::BindGroupLayout,
    buffers: &[Option<wgpu::VertexBufferLayout<'_>>],
    [vertex, fragment]: [&str; 2],
) -> wgpu::RenderPipeline {
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(&layout(device, group)),
        vertex: wgpu::VertexState { module, entry_point: Some(vertex), compilation_options: Default::default(), buffers },
        // The far side of the translucent skin would shine through in patches.
        primitive: wgpu::PrimitiveState { cull_mode: Some(wgpu::Face::Back), ..Default::default() },
        depth_stencil: Some(depth_state()),
        multisample: smooth(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(fragment),
            compilation_options: Default::default(),
            targets: &[colour(COLOUR)],
        }),
        multiview_mask: None,
        cache: None,
    })
}

fn blit_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    group: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("torso blit"),
        layout: Some(&layout(device, group)),
        vertex: wgpu::VertexState { module, entry_point: Some("blit_vertex"), compilation_options: Default::default(), buffers: &[] },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some("blit_fragment"),
            compilation_options: Default::default(),
            targets: &[colour(format)],
        }),
        multiview_mask: None,
        cache: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shader_is_valid() {
        for (name, text) in [("torso.wgsl", include_str!("torso.wgsl")), ("blit.wgsl", include_str!("blit.wgsl"))] {
            let module = wgpu::naga::front::wgsl::parse_str(text).unwrap_or_else(|it| panic!("{name}: {}", it.emit_to_string(text)));
            let mut validator =
                wgpu::naga::valid::Validator::new(wgpu::naga::valid::ValidationFlags::all(), wgpu::naga::valid::Capabilities::empty());
            assert!(validator.validate(&module).is_ok(), "{name} does not validate");
        }
    }

    #[test]
    fn the_ball_is_round() {
        assert!(ball().iter().all(|it| (it.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5));
    }
}
