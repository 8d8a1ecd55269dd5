//! Pipelines of the torso: the lit surfaces, the markers, and the copy into egui's pass.

use eframe::egui_wgpu::wgpu;

use super::scene::{Marker, SkinVertex};

pub(super) const SAMPLES: u32 = 4;
pub(super) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;
pub(super) const COLOUR: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// The format of egui's own target. Lives in egui's callback resources, where the first torso that
/// is drawn makes its [`TorsoRenderer`] from it: the first paper does not wait for pipelines that
/// it does not need.
#[derive(Clone, Copy)]
pub struct EguiFormat(pub wgpu::TextureFormat);

pub(super) fn blit_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty,
        count: None,
    };
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

pub(super) fn vertex_layout<'a>(
    stride: usize,
    step_mode: wgpu::VertexStepMode,
    attributes: &'a [wgpu::VertexAttribute],
) -> wgpu::VertexBufferLayout<'a> {
    wgpu::VertexBufferLayout {
        array_stride: stride as u64,
        step_mode,
        attributes,
    }
}

fn smooth() -> wgpu::MultisampleState {
    wgpu::MultisampleState {
        count: SAMPLES,
        ..Default::default()
    }
}

fn colour(format: wgpu::TextureFormat) -> Option<wgpu::ColorTargetState> {
    Some(wgpu::ColorTargetState {
        format,
        blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        write_mask: wgpu::ColorWrites::ALL,
    })
}

pub(super) fn surface_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    group: &wgpu::BindGroupLayout,
) -> wgpu::RenderPipeline {
    let attributes =
        wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3, 2 => Float32x2, 3 => Float32x4];
    pipeline(
        device,
        "surface",
        module,
        group,
        &[Some(vertex_layout(
            size_of::<SkinVertex>(),
            wgpu::VertexStepMode::Vertex,
            &attributes,
        ))],
        ["surface_vertex", "surface_fragment"],
    )
}

pub(super) fn marker_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    group: &wgpu::BindGroupLayout,
) -> wgpu::RenderPipeline {
    let corner = wgpu::vertex_attr_array![0 => Float32x3];
    let instance = wgpu::vertex_attr_array![1 => Float32x4, 2 => Float32x4];
    let buffers = [
        Some(vertex_layout(12, wgpu::VertexStepMode::Vertex, &corner)),
        Some(vertex_layout(
            size_of::<Marker>(),
            wgpu::VertexStepMode::Instance,
            &instance,
        )),
    ];
    pipeline(
        device,
        "marker",
        module,
        group,
        &buffers,
        ["marker_vertex", "marker_fragment"],
    )
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
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(vertex),
            compilation_options: Default::default(),
            buffers,
        },
        // The far side of the translucent skin would shine through in patches.
        primitive: wgpu::PrimitiveState {
            cull_mode: Some(wgpu::Face::Back),
            ..Default::default()
        },
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

pub(super) fn blit_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    group: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("torso blit"),
        layout: Some(&layout(device, group)),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("blit_vertex"),
            compilation_options: Default::default(),
            buffers: &[],
        },
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

    const SHADERS: [(&str, &str); 3] = [
        ("torso.wgsl", include_str!("torso.wgsl")),
        ("blit.wgsl", include_str!("blit.wgsl")),
        ("paper.wgsl", include_str!("paper.wgsl")),
    ];

    #[test]
    fn every_shader_is_valid() {
        for (name, text) in SHADERS {
            let module = wgpu::naga::front::wgsl::parse_str(text)
                .unwrap_or_else(|it| panic!("{name}: {}", it.emit_to_string(text)));
            let mut validator = wgpu::naga::valid::Validator::new(
                wgpu::naga::valid::ValidationFlags::all(),
                wgpu::naga::valid::Capabilities::empty(),
            );
            assert!(
                validator.validate(&module).is_ok(),
                "{name} does not validate"
            );
        }
    }

    #[test]
    fn no_shader_is_left_out_of_the_check() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gui/gpu");
        let shaders = std::fs::read_dir(folder).unwrap().filter(|it| {
            it.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|it| it == "wgsl")
        });
        assert_eq!(shaders.count(), SHADERS.len());
    }
}
