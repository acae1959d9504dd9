//! Labels in TSPL, the language of TSC printers and of most cheap ones (TSPL/TSPL2 programming manual).
//!
//! As in ZPL the code is the printer's own command and the text is a picture. In `BITMAP` a cleared bit is black, the
//! other way round than in ZPL; its data are bytes, so that a file in this language is no text. `DIRECTION 1` prints a
//! label head first: as one reads it coming out of the printer.

use std::io::Write;

use super::bitmap::Ink;
use super::zpl::Code;

/// White between two labels of a roll, in millimetres.
const GAP: f32 = 2.0;

/// What a roll of labels of this size begins with.
pub fn head(width_mm: f32, height_mm: f32) -> Vec<u8> {
    let lines = [
        format!("SIZE {width_mm} mm,{height_mm} mm"),
        format!("GAP {GAP} mm,0 mm"),
        "DIRECTION 1".to_owned(),
        "REFERENCE 0,0".to_owned(),
    ];
    lines.iter().flat_map(|line| format!("{line}\r\n").into_bytes()).collect()
}

/// One label of the roll.
pub fn label(text: Option<&Ink>, code: Option<&Code<'_>>, copies: u16) -> Vec<u8> {
    let mut tspl = b"CLS\r\n".to_vec();
    // Writing into a Vec does not fail.
    if let Some(Ink { left, top, bytes, rows }) = text {
        let _ = write!(tspl, "BITMAP {left},{top},{bytes},{},0,", rows.len());
        tspl.extend(rows.iter().flatten().map(|byte| !byte));
        tspl.extend(b"\r\n");
    }
    if let Some(Code { data, level, place }) = code {
        // Model 2 is the code that phones read; the first model is the default.
        let letter = level.letter();
        let _ = write!(tspl, "QRCODE {},{},{letter},{},A,0,M2,\"", place.x, place.y, place.module);
        let _ = write!(tspl, "{}\"", data.replace(['"', '\\', '\r', '\n'], ""));
        tspl.extend(b"\r\n");
    }
    let _ = write!(tspl, "PRINT 1,{copies}");
    tspl.extend(b"\r\n");
    tspl
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::qr::Level;
    use crate::print::raster::CodePlace;

    #[test]
    fn a_label_is_written_in_commands() {
        assert_eq!(head(58.0, 40.5), b"SIZE 58 mm,40.5 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\n");
        let text = Ink { left: 200, top: 16, bytes: 2, rows: vec![vec![0xff, 0x01], vec![0x00, 0x0a]] };
        let place = CodePlace { x: 24, y: 32, module: 5 };
        let code = Code { data: "HTTPS://D.EXAMPLE/Q/7QK2M9XA01", level: Level::Q, place };
        let label = label(Some(&text), Some(&code), 3);
        let mut expected = b"CLS\r\nBITMAP 200,16,2,2,0,\x00\xfe\xff\xf5\r\n".to_vec();
        expected.extend(b"QRCODE 24,32,Q,5,A,0,M2,\"HTTPS://D.EXAMPLE/Q/7QK2M9XA01\"\r\nPRINT 1,3\r\n");
        assert_eq!(label, expected);
    }
}
