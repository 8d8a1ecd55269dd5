// The torso, the heart and the markers on the skin, lit, into an own colour and depth target.
// Frame: x anterior, y patient's left, z superior, mm. Struct names and field order are those of torso.rs.

struct Scene {
    clip_from_body: mat4x4<f32>,
    eye: vec4<f32>,            // mm
    light: vec4<f32>,          // unit vector towards the key light
    skin: vec4<f32>,           // colour, opacity
    bare: vec4<f32>,           // colour of skin that no measurement covers, opacity
    line: vec4<f32>,           // colour and strength of the landmark lines
    point: vec4<f32>,          // virtual electrode, mm; w: radius of its halo
    point_colour: vec4<f32>,
    options: vec4<f32>,        // x: 1 = body map; y: mV between isolines; z: opacity of the skin under the map
};

@group(0) @binding(0) var<uniform> scene: Scene;

// Skin and heart: one mesh, one vertex per corner of the surface.
struct SurfaceIn {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) state: vec2<f32>,     // x: 0…1 covered by measurements, 2 = heart; y: potential, mV
    @location(3) colour: vec4<f32>,    // of the map, or of the heart
};

struct SurfaceOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) body: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) state: vec2<f32>,
    @location(3) colour: vec4<f32>,
};

@vertex
fn surface_vertex(in: SurfaceIn) -> SurfaceOut {
    var out: SurfaceOut;
    out.clip = scene.clip_from_body * vec4<f32>(in.position, 1.0);
    out.body = in.position;
    out.normal = in.normal;
    out.state = in.state;
    out.colour = in.colour;
    return out;
}

// Share of light, 0.3…1.1: one key light, a soft sky, a rim that parts the body from the background.
fn lit(normal: vec3<f32>, body: vec3<f32>) -> vec3<f32> {
    let n = normalize(normal);
    let v = normalize(scene.eye.xyz - body);
    let key = max(dot(n, scene.light.xyz), 0.0);
    let sky = 0.5 + 0.5 * n.z;
    let half_way = normalize(scene.light.xyz + v);
    let gloss = pow(max(dot(n, half_way), 0.0), 32.0);
    return vec3<f32>(0.46 + 0.44 * key + 0.16 * sky, gloss, 1.0 - max(dot(n, v), 0.0));
}

// 1 on a line where `value` is 0, `width` pixels wide.
fn stripe(value: f32, width: f32) -> f32 {
    let pixel = max(fwidth(value), 1e-5);
    return 1.0 - smoothstep(0.5 * width - 0.5, 0.5 * width + 0.5, abs(value) / pixel);
}

// 1 between `low` and `high`, with edges `soft` wide.
fn between(value: f32, low: f32, high: f32, soft: f32) -> f32 {
    return smoothstep(low - soft, low + soft, value) * (1.0 - smoothstep(high - soft, high + soft, value));
}

// Bones under the skin: x: how much there is; y: their edges. Ribs are level in front, where the spaces
// are counted (30 mm each, the 4th at z = 478), and climb towards the spine; above the costal margin only.
// Sternum, clavicles and the spine's processes stand out of them.
fn bones(body: vec3<f32>) -> vec2<f32> {
    let side = abs(body.y);
    let from_axis = vec2<f32>(body.x - 33.0, side);
    let turn = atan2(from_axis.y, from_axis.x) / 3.14159;     // 0 in front, 1 at the spine
    let climb = 85.0 * smoothstep(0.3, 1.0, turn);
    let space = 4.0 + (478.0 + climb - body.z) / 30.0;
    let margin = 408.0 - 0.75 * side;
    let is_chest = between(space, 0.6, 9.6, 0.2) * smoothstep(margin - 4.0, margin + 4.0, body.z + 200.0 * smoothstep(0.3, 0.45, turn));
    let is_arm = smoothstep(150.0, 170.0, side);
    let away = abs(fract(space) - 0.5);                        // 0 in the middle of a rib
    let plate = 17.0 + 7.0 * smoothstep(548.0, 600.0, body.z);  // half the sternum's width
    let is_front = 1.0 - smoothstep(0.18, 0.24, turn);
    let sternum = is_front * between(body.z, 410.0, 606.0, 3.0) * (1.0 - smoothstep(plate - 1.5, plate + 1.5, side));
    let beside = 1.0 - is_front * (1.0 - smoothstep(plate + 2.0, plate + 6.0, side)) * between(body.z, 400.0, 612.0, 3.0);
    let rib = (1.0 - smoothstep(0.17, 0.24, away)) * is_chest * (1.0 - is_arm) * beside;
    let rib_edge = between(away, 0.19, 0.22, 0.025) * is_chest * (1.0 - is_arm) * beside;
    let course = 600.0 + 0.14 * side + 6.0 * sin(side / 28.0);
    let clavicle = (1.0 - smoothstep(0.44, 0.5, turn)) * between(side, 22.0, 150.0, 4.0) * (1.0 - smoothstep(5.0, 8.0, abs(body.z - course)));
    let spine = smoothstep(0.9, 0.95, turn) * (1.0 - smoothstep(7.0, 11.0, side)) * between(fract(space), 0.2, 0.8, 0.08) * between(body.z, 250.0, 620.0, 10.0);
    return vec2<f32>(max(max(rib, sternum), max(clavicle, spine)), rib_edge);
}

// The middle, midclavicular and axillary lines.
fn reference_lines(body: vec3<f32>) -> f32 {
    let space = 4.0 + (478.0 - body.z) / 30.0;
    let chest = between(space, 0.8, 7.9, 0.3);
    let from_axis = body.x - 33.0;
    let side = abs(body.y);
    var lines = 0.0;
    if (abs(from_axis) > 30.0 && (from_axis > 30.0 || from_axis < -60.0)) {
        lines = max(stripe(body.y, 1.0), stripe(side - 95.0, 1.0));
    } else {
        lines = max(max(stripe(body.x - 89.0, 1.0), stripe(body.x - 33.0, 1.2)), stripe(body.x + 31.0, 1.0));
    }
    return lines * chest;
}

@fragment
fn surface_fragment(in: SurfaceOut) -> @location(0) vec4<f32> {
    let light = lit(in.normal, in.body);
    if (in.state.x > 1.5) {
        return vec4<f32>(in.colour.rgb * light.x + vec3<f32>(0.25 * light.y), 1.0);
    }
    let covered = smoothstep(0.25, 0.75, in.state.x);
    var base = mix(scene.bare, scene.skin, covered);
    let bone = bones(in.body);
    base = vec4<f32>(mix(base.rgb, base.rgb * 1.06 + vec3<f32>(0.035), bone.x) * (1.0 - 0.10 * bone.y), base.a);
    let is_map = scene.options.x > 0.5;
    if (is_map) {
        base = vec4<f32>(mix(vec3<f32>(0.6, 0.6, 0.62), in.colour.rgb, 0.25 + 0.75 * covered), scene.options.z);
    }
    var rgb = base.rgb * light.x;
    if (!is_map) {
        rgb += vec3<f32>(0.05 * light.y);
    }
    rgb = mix(rgb, scene.line.rgb, reference_lines(in.body) * scene.line.a);
    let steps = in.state.y / scene.options.y;
    // Distance to the nearest line in pixels: by the slope of the potential itself, which has no jumps.
    let slope = max(fwidth(steps), 1e-5);
    let fifth = abs(fract(0.2 * steps + 0.5) - 0.5) * 5.0 / slope;
    let each = abs(fract(steps + 0.5) - 0.5) / slope;
    let iso = max(0.6 * (1.0 - smoothstep(0.1, 1.0, each)), 1.0 - smoothstep(0.4, 1.4, fifth));
    // Dashed below 0 mV: without colour plus and minus would look alike.
    let dash = fract(0.5 * (floor(in.body.y / 5.0) + floor(in.body.z / 5.0))) < 0.25;
    let is_drawn = in.state.y > -0.25 * scene.options.y || dash;
    let is_iso = select(0.0, 0.6, is_map && slope < 0.5 && is_drawn);
    rgb = mix(rgb, vec3<f32>(0.08, 0.08, 0.10), iso * is_iso);
    var alpha = mix(base.a, 1.0, 0.85 * pow(light.z, 2.5));
    // A ring on the skin around the virtual electrode: it sits on the surface, so it shows how the skin turns.
    let away = distance(in.body, scene.point.xyz);
    let ring = stripe(away - scene.point.w, 2.2) + 0.22 * (1.0 - smoothstep(0.0, scene.point.w, away));
    rgb = mix(rgb, scene.point_colour.rgb, clamp(ring, 0.0, 1.0) * scene.point_colour.a);
    alpha = max(alpha, ring * scene.point_colour.a);
    return vec4<f32>(rgb * alpha, alpha);
}

// Markers: a small ball per electrode.
struct MarkerIn {
    @location(0) corner: vec3<f32>,    // on the unit ball
    @location(1) centre: vec4<f32>,    // mm; w: radius
    @location(2) colour: vec4<f32>,
};

struct MarkerOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) normal: vec3<f32>,
    @location(1) body: vec3<f32>,
    @location(2) colour: vec4<f32>,
};

@vertex
fn marker_vertex(in: MarkerIn) -> MarkerOut {
    var out: MarkerOut;
    let body = in.centre.xyz + in.centre.w * in.corner;
    out.clip = scene.clip_from_body * vec4<f32>(body, 1.0);
    out.normal = in.corner;
    out.body = body;
    out.colour = in.colour;
    return out;
}

@fragment
fn marker_fragment(in: MarkerOut) -> @location(0) vec4<f32> {
    let light = lit(in.normal, in.body);
    return vec4<f32>(in.colour.rgb * (0.25 + 0.75 * light.x) + vec3<f32>(0.3 * light.y), 1.0);
}
