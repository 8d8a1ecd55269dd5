//! Buffers on the graphics card: made empty, made full, and triangles ready to draw.

use eframe::egui_wgpu::wgpu;

use super::scene::SkinVertex;

/// Makes buffers that can be written to later.
pub(super) struct Buffers<'a> {
    pub(super) device: &'a wgpu::Device,
    pub(super) queue: &'a wgpu::Queue,
}

impl Buffers<'_> {
    pub(super) fn empty(
        &self,
        label: &str,
        bytes: usize,
        usage: wgpu::BufferUsages,
    ) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes as u64,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    pub(super) fn filled(
        &self,
        label: &str,
        bytes: &[u8],
        usage: wgpu::BufferUsages,
    ) -> wgpu::Buffer {
        let buffer = self.empty(label, bytes.len(), usage);
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }
}

/// Triangles whose vertices are written when they change.
pub(super) struct Surface {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    n_indices: u32,
}

impl Surface {
    pub(super) fn new(
        buffers: &Buffers<'_>,
        label: &str,
        n_vertices: usize,
        triangles: &[[usize; 3]],
    ) -> Self {
        let indices: Vec<u32> = triangles.iter().flatten().map(|it| *it as u32).collect();
        let bytes = n_vertices * size_of::<SkinVertex>();
        Self {
            vertices: buffers.empty(label, bytes, wgpu::BufferUsages::VERTEX),
            indices: buffers.filled(
                label,
                bytemuck::cast_slice(&indices),
                wgpu::BufferUsages::INDEX,
            ),
            n_indices: indices.len() as u32,
        }
    }

    pub(super) fn write(&self, queue: &wgpu::Queue, vertices: &[SkinVertex]) {
        queue.write_buffer(&self.vertices, 0, bytemuck::cast_slice(vertices));
    }

    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_vertex_buffer(0, self.vertices.slice(..));
        pass.set_index_buffer(self.indices.slice(..), wgpu::IndexFormat::Uint32);
        pass.draw_indexed(0..self.n_indices, 0, 0..1);
    }
}
