//! The pixels of a drawing: paths become masks, which put colour on a white page.

use super::canvas::{Color, Paint};
use png::{BitDepth, ColorType, Encoder, EncodingError};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use zeno::{Fill, Mask, Stroke, Style, Transform};

/// Pixels of a point.
pub const SCALE: f64 = 2.0;

/// A page of pixels.
pub struct Pixels {
    width: usize,
    height: usize,
    /// Red, green and blue of each, row by row.
    pub rgb: Vec<u8>,
}

impl Pixels {
    /// A white page of this size in points.
    pub fn new(size: (f64, f64)) -> Self {
        let (width, height) = ((size.0 * SCALE) as usize, (size.1 * SCALE) as usize);
        Self { width, height, rgb: vec![255; 3 * width * height] }
    }

    /// Draws a path in points, as in SVG. Parts outside the page are cut off.
    pub fn path(&mut self, data: &str, color: Color, paint: Paint) {
        let (style, opacity): (Style, f64) = match paint {
            Paint::Fill { opacity } => (Fill::NonZero.into(), opacity),
            Paint::Stroke { width } => (Stroke::new(width as f32).into(), 1.0),
        };
        let transform = Some(Transform::scale(SCALE as f32, SCALE as f32));
        let bounds = zeno::bounds(data, style, transform);
        let inside = |x: f32, end: usize| (x.max(0.0) as usize).min(end);
        let (left, right) =
            (inside(bounds.min.x.floor(), self.width), inside(bounds.max.x.ceil(), self.width));
        let (top, bottom) =
            (inside(bounds.min.y.floor(), self.height), inside(bounds.max.y.ceil(), self.height));
        if left >= right || top >= bottom {
            return;
        }
        let mut mask = Mask::new(data);
        let mask = mask.style(style).transform(transform).offset([-(left as f32), -(top as f32)]);
        let (mask, _) = mask.size((right - left) as u32, (bottom - top) as u32).render();
        for (y, row) in (top..).zip(mask.chunks_exact(right - left)) {
            let start = 3 * (y * self.width + left);
            for (pixel, cover) in self.rgb[start..].chunks_exact_mut(3).zip(row) {
                let share = f64::from(*cover) / 255.0 * opacity;
                for (below, above) in pixel.iter_mut().zip([color.0, color.1, color.2]) {
                    let (from, to) = (f64::from(*below), f64::from(above));
                    *below = (from + (to - from) * share).round() as u8;
                }
            }
        }
    }

    /// Writes the page as PNG.
    pub fn write(&self, path: &Path) -> Result<(), EncodingError> {
        let file = BufWriter::new(File::create(path)?);
        let mut encoder = Encoder::new(file, self.width as u32, self.height as u32);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgb)?;
        writer.finish()
    }
}
