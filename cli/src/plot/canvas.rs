//! A drawing as a list of shapes in points, written as SVG, or as PNG through plotters.

use plotters::backend::BitMapBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, FontTransform, IntoFont, RGBColor, TextStyle};
use png::{BitDepth, ColorType, Encoder, EncodingError};
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Once;

/// Pixels of the PNG per point.
const SCALE: f64 = 2.0;

/// The name that the font is registered under; SVG viewers take their own if they lack it.
const FONT: &str = "DejaVu Sans";

/// A colour.
pub type Color = (u8, u8, u8);

/// Text and axes.
pub const INK: Color = (45, 49, 58);
/// Lesser text.
pub const GREY: Color = (122, 128, 140);
/// Shaded areas.
pub const SHADE: Color = (246, 247, 249);
/// Grid lines.
pub const FAINT: Color = (228, 231, 237);

/// Colours of populations, told apart also by those who see fewer of them.
const PALETTE: [Color; 8] = [
    (38, 98, 173),
    (213, 80, 52),
    (23, 146, 130),
    (204, 138, 20),
    (122, 88, 178),
    (196, 76, 134),
    (92, 138, 44),
    (84, 104, 128),
];

/// The colour of a population.
pub const fn color(population: usize) -> Color {
    PALETTE[population % PALETTE.len()]
}

/// Where a text stands in relation to its point: horizontally.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It starts there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A text, vertically centred on its point.
pub struct Text {
    /// What it says.
    pub text: String,
    /// Its point.
    pub at: (f64, f64),
    /// The height of its letters.
    pub size: f64,
    /// Its colour.
    pub color: Color,
    /// Where it stands.
    pub anchor: Anchor,
    /// Bold.
    pub bold: bool,
}

impl Text {
    /// A text that is not bold.
    pub fn new(
        text: impl Into<String>,
        at: (f64, f64),
        size: f64,
        color: Color,
        anchor: Anchor,
    ) -> Self {
        Self { text: text.into(), at, size, color, anchor, bold: false }
    }

    /// The same in bold.
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// A shape, in points.
enum Shape {
    Line { points: Vec<(f64, f64)>, color: Color, width: f64 },
    Fill { points: Vec<(f64, f64)>, color: Color, opacity: f64 },
    Rectangle { corner: (f64, f64), size: (f64, f64), color: Color },
    Dots { at: Vec<(f64, f64)>, size: (f64, f64), color: Color },
    Text(Text),
}

/// Shapes on a white page.
pub struct Drawing {
    size: (f64, f64),
    shapes: Vec<Shape>,
}

impl Drawing {
    /// An empty page.
    pub fn new(width: f64, height: f64) -> Self {
        Self { size: (width, height), shapes: Vec::new() }
    }

    /// A line through points.
    pub fn line(&mut self, points: Vec<(f64, f64)>, color: Color, width: f64) {
        self.shapes.push(Shape::Line { points, color, width });
    }

    /// A filled polygon.
    pub fn fill(&mut self, points: Vec<(f64, f64)>, color: Color, opacity: f64) {
        self.shapes.push(Shape::Fill { points, color, opacity });
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), color: Color) {
        self.shapes.push(Shape::Rectangle { corner, size, color });
    }

    /// Many small rectangles of one size, each centred on its point.
    pub fn dots(&mut self, at: Vec<(f64, f64)>, size: (f64, f64), color: Color) {
        self.shapes.push(Shape::Dots { at, size, color });
    }

    /// A text.
    pub fn text(&mut self, text: Text) {
        self.shapes.push(Shape::Text(text));
    }

    /// The drawing as SVG.
    pub fn svg(&self) -> String {
        let (w, h) = self.size;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"{FONT}, Verdana, sans-serif\">\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n"
        );
        for shape in &self.shapes {
            svg_shape(&mut svg, shape);
        }
        svg += "</svg>\n";
        svg
    }

    /// Writes the drawing as PNG.
    pub fn png(&self, path: &Path) -> Result<(), String> {
        let size = ((self.size.0 * SCALE) as u32, (self.size.1 * SCALE) as u32);
        let pixels = self.pixels(size)?;
        encode(path, size, &pixels).map_err(|e| e.to_string())
    }

    /// Red, green and blue of each pixel, row by row.
    fn pixels(&self, (width, height): (u32, u32)) -> Result<Vec<u8>, String> {
        register_fonts();
        let mut pixels = vec![255; 3 * width as usize * height as usize];
        {
            let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
            let area = backend.into_drawing_area();
            for shape in &self.shapes {
                png_shape(&area, shape).map_err(|e| e.to_string())?;
            }
            area.present().map_err(|e| e.to_string())?;
        }
        Ok(pixels)
    }
}

/// Writes pixels as PNG.
fn encode(path: &Path, (width, height): (u32, u32), pixels: &[u8]) -> Result<(), EncodingError> {
    let mut encoder = Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()
}

fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The fonts are constants that parse; a failure would show as an error of the drawing.
        let _ = plotters::style::register_font(FONT, FontStyle::Normal, dejavu::sans::regular());
        let _ = plotters::style::register_font(FONT, FontStyle::Bold, dejavu::sans::bold());
    });
}

fn hex((r, g, b): Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// `M1.5 2L3 4`, to a hundredth of a point.
fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{} {}", if i == 0 { 'M' } else { 'L' }, short(*x), short(*y));
    }
    path
}

fn short(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

fn svg_shape(svg: &mut String, shape: &Shape) {
    let _ = match shape {
        Shape::Line { points, color, width } => writeln!(
            svg,
            "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"/>",
            path(points),
            hex(*color)
        ),
        Shape::Fill { points, color, opacity } => writeln!(
            svg,
            "<path d=\"{}Z\" fill=\"{}\" fill-opacity=\"{opacity}\"/>",
            path(points),
            hex(*color)
        ),
        Shape::Rectangle { corner, size, color } => writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            short(corner.0),
            short(corner.1),
            short(size.0),
            short(size.1),
            hex(*color)
        ),
        Shape::Dots { at, size, color } => {
            // One path of short strokes: a tenth of the size of as many circles.
            let _ =
                write!(svg, "<path stroke=\"{}\" stroke-width=\"{}\" d=\"", hex(*color), size.1);
            for (x, y) in at {
                let _ = write!(svg, "M{} {}h{}", short(x - size.0 / 2.0), short(*y), size.0);
            }
            writeln!(svg, "\"/>")
        }
        Shape::Text(text) => {
            let anchor = match text.anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let weight = if text.bold { " font-weight=\"bold\"" } else { "" };
            // Capitals are about 0.73 of the size high: half of that centres them.
            writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" \
                 text-anchor=\"{anchor}\"{weight}>{}</text>",
                short(text.at.0),
                short(text.at.1 + 0.36 * text.size),
                text.size,
                hex(text.color),
                escape(&text.text)
            )
        }
    };
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type AreaError<'a> = plotters::drawing::DrawingAreaErrorKind<
    <BitMapBackend<'a> as plotters::backend::DrawingBackend>::ErrorType,
>;

fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn png_shape<'a>(area: &Area<'a>, shape: &Shape) -> Result<(), AreaError<'a>> {
    match shape {
        Shape::Line { points, color, width } => {
            // Piece by piece: where a thick path of plotters turns sharply, its corner goes astray.
            let style = rgb(*color).stroke_width((width * SCALE).round().max(1.0) as u32);
            for piece in pixels(points).windows(2).filter(|piece| piece[0] != piece[1]) {
                area.draw(&PathElement::new(piece.to_vec(), style))?;
            }
            Ok(())
        }
        Shape::Fill { points, color, opacity } => {
            area.draw(&Polygon::new(pixels(points), rgb(*color).mix(*opacity).filled()))
        }
        Shape::Rectangle { corner, size, color } => {
            let end = (corner.0 + size.0, corner.1 + size.1);
            area.draw(&Rectangle::new([pixel(*corner), pixel(end)], rgb(*color).filled()))
        }
        Shape::Dots { at, size, color } => {
            // Plotters draws both corners, so a width of n pixels is a distance of n - 1.
            let extent = |points: f64| ((points * SCALE).round() as i32).max(1);
            let (w, h) = (extent(size.0), extent(size.1));
            for point in at {
                let (x, y) = pixel((point.0 - size.0 / 2.0, point.1 - size.1 / 2.0));
                let corners = [(x, y), (x + w - 1, y + h - 1)];
                area.draw(&Rectangle::new(corners, rgb(*color).filled()))?;
            }
            Ok(())
        }
        Shape::Text(text) => {
            let style = if text.bold { FontStyle::Bold } else { FontStyle::Normal };
            let font = (FONT, text.size * SCALE, style).into_font();
            let position = match text.anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let color = rgb(text.color);
            let style = TextStyle::from(font.transform(FontTransform::None))
                .color(&color)
                .pos(Pos::new(position, VPos::Center));
            area.draw_text(&text.text, &style, pixel(text.at))
        }
    }
}

fn pixels(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    points.iter().map(|point| pixel(*point)).collect()
}

fn rgb((r, g, b): Color) -> RGBColor {
    RGBColor(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_dots_are_one_path() {
        let mut drawing = Drawing::new(100.0, 50.0);
        drawing.text(Text::new("a < b", (1.0, 2.0), 10.0, INK, Anchor::End));
        drawing.dots(vec![(1.0, 1.0), (2.25, 3.0)], (1.0, 1.0), GREY);
        let svg = drawing.svg();
        assert!(svg.contains("a &lt; b"), "{svg}");
        assert!(svg.contains("M0.5 1h1M1.75 3h1"), "{svg}");
        assert_eq!(svg.matches("<path").count(), 1);
    }

    #[test]
    fn a_thick_line_goes_where_its_points_are() {
        // Flat, up at once and flat again, as a trace does at a spike; points in pixels.
        let corners = [(10, 150), (99, 150), (100, 148), (100, 20), (101, 18), (190, 18)];
        let points = corners.map(|(x, y)| (f64::from(x) / SCALE, f64::from(y) / SCALE));
        let (width, height) = (200, 200);
        let mut bytes = vec![255_u8; width * height * 3];
        let shape = Shape::Line { points: points.into(), color: INK, width: 1.2 };
        {
            let size = (width as u32, height as u32);
            let area = BitMapBackend::with_buffer(&mut bytes, size).into_drawing_area();
            png_shape(&area, &shape).unwrap();
        }
        let inked = |x: usize, y: usize| bytes[(y * width + x) * 3] < 200;
        for y in 20..148 {
            assert!(inked(100, y) || inked(99, y), "a gap at {y}");
        }
        assert!((155..200).chain(0..14).all(|y| !(0..width).any(|x| inked(x, y))), "it overshoots");
    }

    #[test]
    fn letters_are_drawn_without_system_fonts() {
        let path = std::env::temp_dir().join(format!("isospike_text_{}.png", std::process::id()));
        let size = |text: &str| {
            let mut drawing = Drawing::new(200.0, 40.0);
            drawing.text(Text::new(text, (10.0, 20.0), 14.0, INK, Anchor::Start).bold());
            drawing.png(&path).unwrap();
            std::fs::read(&path).unwrap().len()
        };
        let (empty, full) = (size(" "), size("Rate in Hz"));
        std::fs::remove_file(&path).unwrap();
        // A blank page compresses to almost nothing.
        assert!(full > 2 * empty, "{empty} {full}");
    }
}
