// ECG paper: ground and grid of one pane, a colour per pixel and no pixel twice. Struct names and field order are those of paper.rs.
//
//   origin ┬───┬───┬── lines every `step` pixels, every fifth of them major; a line is the one pixel that it falls into
//          ├───┼───┼──

struct Pane {
    @location(0) scale: vec4<f32>,     // x, y: origin, pixels of the target; z: pixels per millimetre; w: 1 = millimetres are drawn
    @location(1) paper: vec4<f32>,
    @location(2) minor: vec4<f32>,
    @location(3) major: vec4<f32>,
};

struct Corner {
    @builtin(position) clip: vec4<f32>,
    @location(0) @interpolate(flat) scale: vec4<f32>,
    @location(1) @interpolate(flat) paper: vec4<f32>,
    @location(2) @interpolate(flat) minor: vec4<f32>,
    @location(3) @interpolate(flat) major: vec4<f32>,
};

// One triangle that covers the viewport, which is the pane.
@vertex
fn paper_vertex(@builtin(vertex_index) index: u32, pane: Pane) -> Corner {
    var out: Corner;
    out.clip = vec4<f32>(f32(i32(index & 1u) * 4 - 1), f32(i32(index >> 1u) * 4 - 1), 0.0, 1.0);
    out.scale = pane.scale;
    out.paper = pane.paper;
    out.minor = pane.minor;
    out.major = pane.major;
    return out;
}

// Whether a line falls into the pixel whose edge is `edge` pixels from the origin; lines are `step` apart. By components.
fn on_line(edge: vec2<f32>, step: f32) -> vec2<bool> {
    return ceil(edge / step - 1e-4) * step < edge + 0.9995;
}

@fragment
fn paper_fragment(in: Corner) -> @location(0) vec4<f32> {
    let edge = floor(in.clip.xy) - in.scale.xy;
    let minor = on_line(edge, in.scale.z);
    let major = on_line(edge, 5.0 * in.scale.z);
    let ground = select(in.paper, in.minor, (minor.x || minor.y) && in.scale.w > 0.5);
    return select(ground, in.major, major.x || major.y);
}
