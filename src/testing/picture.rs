//! Pictures for tests and for the sample parish, made here: nobody's photo.

/// A PNG in colours.
pub fn small_png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels: Vec<u8> = rows.flat_map(|(x, y)| pixel(x, y)).collect();
    let mut writer = encoder.write_header().expect("memory takes every write");
    writer.write_image_data(&pixels).expect("as many as the header says");
    writer.finish().expect("memory takes every write");
    bytes
}

/// A PNG of a few bytes that says that it is of this size.
pub fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    header.extend([8, 2, 0, 0, 0]);
    let check = crc(&header);
    bytes.extend(13u32.to_be_bytes());
    bytes.extend(header);
    bytes.extend(check.to_be_bytes());
    bytes
}

/// A JPEG of a few bytes that says that it is of this size.
pub fn jpeg_that_says(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    // A table of ones, the frame with one component, and the beginning of a scan.
    bytes.extend([0xff, 0xdb, 0, 67, 0]);
    bytes.extend([1; 64]);
    bytes.extend([0xff, 0xc0, 0, 11, 8]);
    bytes.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    bytes.extend([1, 1, 0x11, 0]);
    bytes.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    bytes
}

/// The check of a PNG's part.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}
