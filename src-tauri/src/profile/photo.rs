//! A photo as it comes becomes a small square that can travel as a `data:` address.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use super::Error;

/// Bytes that a file may have.
const LARGEST_FILE: usize = 20 * 1024 * 1024;
/// Pixels on each side that a picture may have: a small file can unfold into gigabytes.
const LARGEST_SIDE: u32 = 12_000;
/// Bytes that decoding may take.
const LARGEST_DECODED: u64 = 600 * 1024 * 1024;
/// Side of the square that is kept.
const SIDE: u32 = 256;

/// A square of 256 pixels from the middle of a PNG, JPEG or WebP file in base64, as a `data:` address.
pub(super) fn square(base64: &str) -> Result<String, Error> {
    if base64.len() / 4 * 3 > LARGEST_FILE + 2 {
        return Err(Error::PhotoTooLarge);
    }
    let bytes = BASE64.decode(base64.trim()).map_err(|_| Error::PhotoUnreadable)?;
    if bytes.len() > LARGEST_FILE {
        return Err(Error::PhotoTooLarge);
    }
    let picture = upright(&bytes)?;
    let side = picture.width().min(picture.height());
    let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    let small = picture.crop_imm(left, top, side, side).resize_exact(
        SIDE,
        SIDE,
        image::imageops::FilterType::CatmullRom,
    );
    encode(small)
}

/// Side of the square that colleagues get to see.
const SMALL_SIDE: u32 = 96;
/// Bytes of its address at most.
const LARGEST_SMALL: usize = 64 << 10;

/// A photo of a profile, small enough to travel in a log; none when it is no picture.
pub fn small_photo(address: &str) -> Option<String> {
    let picture = upright(&decoded(address)?).ok()?;
    let small = picture.resize_exact(SMALL_SIDE, SMALL_SIDE, image::imageops::FilterType::CatmullRom);
    encode(small).ok().filter(|small| is_small_photo(small))
}

/// Whether an address from outside is a small picture that holds itself: PNG or JPEG, and nothing that loads
/// or runs anything.
pub fn is_small_photo(address: &str) -> bool {
    if address.len() > LARGEST_SMALL {
        return false;
    }
    let Some(bytes) = decoded(address) else { return false };
    let Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) = image::guess_format(&bytes) else {
        return false;
    };
    let size = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions();
    size.is_ok_and(|(width, height)| (1..=512).contains(&width) && (1..=512).contains(&height))
}

fn decoded(address: &str) -> Option<Vec<u8>> {
    let base64 = ["data:image/jpeg;base64,", "data:image/png;base64,"]
        .iter()
        .find_map(|kind| address.strip_prefix(kind))?;
    BASE64.decode(base64).ok()
}

/// The picture as it was meant: cameras lay it on its side and say so.
fn upright(bytes: &[u8]) -> Result<DynamicImage, Error> {
    let format = image::guess_format(bytes).map_err(|_| Error::PhotoUnknown)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return Err(Error::PhotoUnknown);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(LARGEST_DECODED);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let refused = |error| match error {
        image::ImageError::Limits(_) => Error::PhotoTooLarge,
        _ => Error::PhotoUnreadable,
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if width > LARGEST_SIDE || height > LARGEST_SIDE || decoder.total_bytes() > LARGEST_DECODED {
        return Err(Error::PhotoTooLarge);
    }
    if width == 0 || height == 0 {
        return Err(Error::PhotoUnreadable);
    }
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// PNG where something shines through, JPEG otherwise.
fn encode(picture: DynamicImage) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let transparent = picture.color().has_alpha() && picture.to_rgba8().pixels().any(|p| p.0[3] < 255);
    let media_type = if transparent {
        DynamicImage::from(picture.to_rgba8())
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .map_err(|_| Error::PhotoUnreadable)?;
        "image/png"
    } else {
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 88)
            .encode_image(&picture.to_rgb8())
            .map_err(|_| Error::PhotoUnreadable)?;
        "image/jpeg"
    };
    Ok(format!("data:{media_type};base64,{}", BASE64.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat, color: Rgba<u8>) -> String {
        let mut picture = RgbaImage::from_pixel(width, height, Rgba([0, 0, 0, 255]));
        let side = width.min(height);
        for x in 0..side {
            for y in 0..side {
                picture.put_pixel((width - side) / 2 + x, (height - side) / 2 + y, color);
            }
        }
        let mut bytes = Vec::new();
        let picture = match format {
            ImageFormat::Jpeg => DynamicImage::from(DynamicImage::from(picture).to_rgb8()),
            _ => DynamicImage::from(picture),
        };
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        BASE64.encode(bytes)
    }

    fn decoded(address: &str) -> DynamicImage {
        let (_, base64) = address.split_once(',').unwrap();
        image::load_from_memory(&BASE64.decode(base64).unwrap()).unwrap()
    }

    #[test]
    fn the_middle_of_a_photo_becomes_a_small_square() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let address = square(&file(900, 600, format, Rgba([200, 0, 0, 255]))).unwrap();
            assert!(address.starts_with("data:image/jpeg;base64,"), "{format:?}");
            let picture = decoded(&address).to_rgb8();
            assert_eq!(picture.dimensions(), (256, 256));
            assert!(picture.get_pixel(2, 2).0[0] > 180, "the edges of the middle are there, {format:?}");
        }
    }

    #[test]
    fn what_shines_through_stays_so() {
        let address = square(&file(64, 64, ImageFormat::Png, Rgba([0, 0, 200, 0]))).unwrap();
        assert!(address.starts_with("data:image/png;base64,"));
        assert_eq!(decoded(&address).to_rgba8().get_pixel(9, 9).0[3], 0);
    }

    #[test]
    fn a_picture_that_unfolds_into_gigabytes_is_refused() {
        // A PNG header that claims 30,000 × 30,000 pixels.
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(30_000_u32.to_be_bytes());
        png.extend(30_000_u32.to_be_bytes());
        png.extend([8, 6, 0, 0, 0]);
        let crc = crc32(&png[12..]);
        png.extend(crc.to_be_bytes());
        png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        assert!(matches!(square(&BASE64.encode(png)), Err(Error::PhotoTooLarge)));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
        })
    }

    #[test]
    fn what_is_no_photo_is_refused_with_a_reason() {
        assert!(matches!(square("not base64!"), Err(Error::PhotoUnreadable)));
        assert!(matches!(square(&BASE64.encode("GIF89a......")), Err(Error::PhotoUnknown)));
        assert!(matches!(square(&BASE64.encode("<svg onload=alert(1)>")), Err(Error::PhotoUnknown)));
        let cut = file(64, 64, ImageFormat::Jpeg, Rgba([1, 2, 3, 255]));
        assert!(matches!(square(&cut[..200]), Err(Error::PhotoUnreadable)));
        assert!(matches!(square(&"A".repeat(28_000_000)), Err(Error::PhotoTooLarge)));
    }
}
