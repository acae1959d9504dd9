//! The graph as a picture for newcomers: Mermaid text, or SVG drawn here.

use super::graph::Graph;
use crate::db::types::text_enum;
use crate::words::Language;

text_enum! {
    /// How to show the graph of statuses.
    GraphFormat {
        /// As data.
        Json = "json",
        /// As text for Mermaid.
        Mermaid = "mermaid",
        /// As a picture.
        Svg = "svg",
    }
}

/// The graph in Mermaid's language for state diagrams.
pub fn mermaid(graph: &Graph, language: Language) -> String {
    let mut text = String::from("stateDiagram-v2\n    direction LR\n");
    for status in &graph.statuses {
        // Names are data: what Mermaid would read as its own signs is left out.
        let name: String = status.named(language).chars().filter(|letter| !"\"#;:{}[]<>\n".contains(*letter)).collect();
        text.push_str(&format!("    {}: {name}\n", status.code));
    }
    if let Some(first) = graph.first() {
        text.push_str(&format!("    [*] --> {}\n", first.code));
    }
    for way in &graph.transitions {
        text.push_str(&format!("    {} --> {}\n", way.from, way.to));
    }
    text
}

const BOX: (f32, f32) = (132.0, 44.0);
const PITCH: f32 = 172.0;
const MARGIN: f32 = 24.0;

/// The graph as SVG: statuses in a row, ways forward as arcs above it and ways back below.
pub fn svg(graph: &Graph, language: Language) -> String {
    let place = |code: &str| graph.statuses.iter().position(|status| status.code == code);
    let ways: Vec<(usize, usize, &str)> = graph
        .transitions
        .iter()
        .filter_map(|way| Some((place(&way.from)?, place(&way.to)?, if way.comment_required { "4 3" } else { "none" })))
        .collect();
    let span = |forward: bool| {
        let longest = ways
            .iter()
            .filter(|(from, to, _)| (to > from) == forward && from.abs_diff(*to) > 1 || !forward && from > to);
        longest.map(|(from, to, _)| from.abs_diff(*to)).max().unwrap_or(0)
    };
    let above = height(span(true));
    let below = height(span(false));
    let middle = MARGIN + above + BOX.1 / 2.0;
    let count = u16::try_from(graph.statuses.len()).unwrap_or(u16::MAX);
    let width = 2.0 * MARGIN + f32::from(count.saturating_sub(1)) * PITCH + BOX.0;
    let tall = 2.0 * MARGIN + above + below + BOX.1;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall}" width="{width}" height="{tall}" font-family="Noto Sans, Arial, sans-serif" font-size="14"><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#5b6675"/></marker></defs><rect width="100%" height="100%" fill="#ffffff"/>"##
    );
    for (from, to, dash) in &ways {
        let path = way(*from, *to, middle);
        svg.push_str(&format!(
            r##"<path d="{path}" fill="none" stroke="#5b6675" stroke-width="1.4" stroke-dasharray="{dash}" marker-end="url(#tip)"/>"##
        ));
    }
    for (index, status) in graph.statuses.iter().enumerate() {
        let x = left(index);
        let y = middle - BOX.1 / 2.0;
        let fill = match (status.archived, status.kind.is_open()) {
            (true, _) => "#eceff3",
            (false, true) => "#e3f0ff",
            (false, false) => "#e6f5e6",
        };
        svg.push_str(&format!(
            r##"<g><title>{}</title><rect x="{x}" y="{y}" width="{}" height="{}" rx="8" fill="{fill}" stroke="#33414f"/><text x="{}" y="{}" text-anchor="middle" fill="#16202b">{}</text></g>"##,
            escaped(&status.code),
            BOX.0,
            BOX.1,
            x + BOX.0 / 2.0,
            middle + 5.0,
            escaped(&shortened(status.named(language))),
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// How high an arc over so many steps rises.
fn height(steps: usize) -> f32 {
    if steps == 0 { 0.0 } else { 22.0 + 17.0 * f32::from(u16::try_from(steps).unwrap_or(u16::MAX)) }
}

fn left(index: usize) -> f32 {
    MARGIN + f32::from(u16::try_from(index).unwrap_or(u16::MAX)) * PITCH
}

fn way(from: usize, to: usize, middle: f32) -> String {
    if to == from + 1 {
        return format!("M{} {middle} L{} {middle}", left(from) + BOX.0, left(to) - 2.0);
    }
    let forward = to > from;
    let sign = if forward { -1.0 } else { 1.0 };
    let edge = middle + sign * BOX.1 / 2.0;
    let peak = edge + sign * height(from.abs_diff(to)) * 1.3;
    // Ways that leave and enter the same status do not share a point.
    let (leaves, enters) = if forward { (0.72, 0.28) } else { (0.28, 0.72) };
    let (start, end) = (left(from) + BOX.0 * leaves, left(to) + BOX.0 * enters);
    format!("M{start} {edge} C{start} {peak} {end} {peak} {end} {}", edge + sign * 2.0)
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= 16 { name.to_owned() } else { name.chars().take(15).chain(['…']).collect() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
