//! Photos in place of scans: our own labels as phones see them, and codes that other programs made.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, imageops};
use serde_json::{Value, json};

use crate::house::House;
use crate::person::{Person, id, text};
use crate::pictures;

/// The label of the client's printer as our own API prints it.
fn label(house: &House) -> GrayImage {
    let path = format!("/assets/{}/label.png?width_mm=58&height_mm=40&dpi=203", id(&house.scene.asset));
    image::load_from_memory(&house.technician().get(&path).bytes()).unwrap().into_luma8()
}

/// A label on a dark, grainy device, as a camera of this size sees it.
fn on_device(label: &GrayImage, width: u32, height: u32) -> RgbImage {
    let mut photo = RgbImage::from_fn(width, height, |x, y| {
        let grain = u8::try_from((x * 31 + y * 17) % 23).unwrap();
        Rgb([60 + grain, 55 + grain, 50 + grain])
    });
    let label = DynamicImage::from(label.clone()).into_rgb8();
    imageops::overlay(&mut photo, &label, i64::from(width / 4), i64::from(height / 4));
    photo
}

fn dim(mut photo: RgbImage) -> RgbImage {
    for pixel in photo.pixels_mut() {
        pixel.0 = pixel.0.map(|shade| shade / 4 + 6);
    }
    photo
}

fn written(photo: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    photo.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG whose EXIF block says how the phone was held (TIFF 6.0, tag 274).
fn held(photo: &RgbImage, orientation: u8) -> Vec<u8> {
    let jpeg = written(photo, ImageFormat::Jpeg);
    let tiff =
        [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0]].concat();
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat()
}

fn read(person: &Person, kind: &str, bytes: Vec<u8>) -> Value {
    person.send("POST", "/scan/photo", kind, bytes).is(200)
}

/// The one code on a photo.
#[track_caller]
fn only(found: &Value) -> &Value {
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "{found}");
    &found["data"][0]
}

#[test]
fn our_label_is_read_however_the_phone_saw_it() {
    let house = House::on_sqlite();
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let url = text(&tech.get(&format!("/assets/{}", id(asset))).is(200), "label_url");
    let label = label(&house);
    let photo = on_device(&label, 1_600, 1_200);
    let blurred = imageops::blur(&photo, 1.6);
    let small = imageops::resize(&photo, 1_000, 750, imageops::FilterType::Triangle);
    let seen: [(&str, &str, Vec<u8>); 9] = [
        ("straight", "image/jpeg", written(&photo, ImageFormat::Jpeg)),
        ("webp", "image/webp", written(&photo, ImageFormat::WebP)),
        ("on its side", "image/png", written(&imageops::rotate90(&photo), ImageFormat::Png)),
        ("upside down", "application/octet-stream", written(&imageops::rotate180(&photo), ImageFormat::Jpeg)),
        ("held askew", "image/jpeg", held(&imageops::rotate270(&photo), 6)),
        ("blurred", "image/jpeg", written(&blurred, ImageFormat::Jpeg)),
        ("dark", "image/jpeg", written(&dim(photo.clone()), ImageFormat::Jpeg)),
        ("dark and blurred", "image/jpeg", written(&dim(blurred.clone()), ImageFormat::Jpeg)),
        ("small", "image/jpeg", written(&small, ImageFormat::Jpeg)),
    ];
    for (how, kind, bytes) in seen {
        let found = read(&tech, kind, bytes);
        let code = only(&found);
        assert_eq!((&code["format"], &code["text"]), (&json!("qr_code"), &json!(url)), "{how}");
        assert_eq!((&code["asset"]["id"], &found["hint"]), (&asset["id"], &Value::Null), "{how}");
        assert!(code["points"].as_array().unwrap().len() >= 3, "{how}");
    }
    // What was read may be sent on as it is.
    let read = read(&tech, "image/png", written(&photo, ImageFormat::Png));
    let read: String = form_urlencoded::byte_serialize(text(only(&read), "text").as_bytes()).collect();
    assert_eq!(tech.get(&format!("/scan/{read}")).is(200)["asset"]["id"], asset["id"]);
}

#[test]
fn a_place_on_the_photo_is_one_on_the_upright_photo() {
    let house = House::on_sqlite();
    let photo = on_device(&label(&house), 1_600, 1_200);
    // The phone was turned, and says so: upright, the label is where it is on the photo that was not turned.
    let turned = held(&imageops::rotate270(&photo), 6);
    let found = read(&house.technician(), "image/jpeg", turned);
    for point in only(&found)["points"].as_array().unwrap() {
        let (x, y) = (point["x"].as_f64().unwrap(), point["y"].as_f64().unwrap());
        assert!((400.0..870.0).contains(&x) && (300.0..630.0).contains(&y), "{found}");
    }
}

#[test]
fn a_form_will_do() {
    let house = House::on_sqlite();
    let photo = written(&on_device(&label(&house), 1_200, 900), ImageFormat::Jpeg);
    let found = house.client().upload("/scan/photo", "фото.jpg", &photo, &[]).is(200);
    assert_eq!(only(&found)["asset"]["id"], house.scene.asset["id"]);
    // Somebody of another company reads the same text, and learns nothing.
    let found = house.rival().upload("/scan/photo", "photo.jpg", &photo, &[]).is(200);
    assert_eq!((&only(&found)["asset"], &only(&found)["blank"]), (&Value::Null, &json!(false)));
    // What else a form holds is not looked at.
    let found = house.client().upload("/scan/photo", "photo.jpg", &photo, &[("id", "1")]).is(200);
    assert_eq!(only(&found)["asset"]["id"], house.scene.asset["id"]);
}

#[test]
fn codes_that_other_programs_made_lead_to_the_device() {
    let house = House::on_sqlite();
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let add = |value: &str| {
        tech.post(&format!("/assets/{}/foreign-codes", id(asset)), &json!({"value": value})).is(201);
    };
    add("https://id.gs1.org/8004/4012345678ABC00017");
    add("SN480037");
    let photo = |bytes: &[u8]| {
        let code = image::load_from_memory(bytes).unwrap().into_luma8();
        let mut table = GrayImage::from_pixel(1_000, 800, Luma([205]));
        imageops::overlay(&mut table, &code, 120, 260);
        written(&DynamicImage::from(table).into_rgb8(), ImageFormat::Jpeg)
    };
    for (bytes, format) in [
        (include_bytes!("../vectors/barcodes/gs1_datamatrix.png").as_slice(), "data_matrix"),
        (include_bytes!("../vectors/barcodes/gs1_128.png").as_slice(), "code_128"),
        (include_bytes!("../vectors/barcodes/code128.png").as_slice(), "code_128"),
    ] {
        let found = read(&tech, "image/jpeg", photo(bytes));
        assert_eq!((&only(&found)["format"], &only(&found)["asset"]["id"]), (&json!(format), &asset["id"]), "{found}");
        let job = crate::job::Job::plain(&house);
        tech.post(&job.at("/scans"), &json!({"code": only(&found)["text"]})).is(200);
    }
}

#[test]
fn a_blank_label_and_two_labels_at_once_are_told() {
    let house = House::on_sqlite();
    let (tech, admin) = (house.technician(), house.admin());
    let path = format!("/assets/{}/label.png?width_mm=58&height_mm=40&dpi=203", id(&house.scene.rival_asset));
    let other = image::load_from_memory(&tech.get(&path).bytes()).unwrap().into_rgb8();
    let mut photo = on_device(&label(&house), 1_600, 1_200);
    imageops::overlay(&mut photo, &other, 900, 750);
    let found = read(&tech, "image/jpeg", written(&photo, ImageFormat::Jpeg));
    let mut assets: Vec<_> = found["data"].as_array().unwrap().iter().map(|code| id(&code["asset"])).collect();
    let mut expected = vec![id(&house.scene.asset), id(&house.scene.rival_asset)];
    assets.sort();
    expected.sort();
    assert_eq!(assets, expected);
    // A code that is on two devices offers both.
    let add = |asset: &Value| {
        admin.post(&format!("/assets/{}/foreign-codes", id(asset)), &json!({"value": "4006381333931"})).is(201)
    };
    add(&house.scene.asset);
    add(&house.scene.rival_asset);
    let code = image::load_from_memory(include_bytes!("../vectors/barcodes/ean13.png")).unwrap().into_luma8();
    let photo = written(&on_device(&code, 1_200, 900), ImageFormat::Png);
    let found = read(&tech, "image/png", photo.clone());
    assert_eq!(only(&found)["choices"].as_array().unwrap().len(), 2);
    assert_eq!(only(&read(&house.client(), "image/png", photo))["asset"]["id"], house.scene.asset["id"]);
}

#[test]
fn what_is_no_photo_is_refused_and_what_shows_nothing_is_told() {
    let house = House::on_sqlite();
    let tech = house.technician();
    let send = |kind: &str, bytes: &[u8]| tech.send("POST", "/scan/photo", kind, bytes.to_vec());
    send("image/jpeg", b"").refused(422, "file_rejected");
    send("image/jpeg", b"GIF89a").refused(422, "file_rejected");
    send("image/png", &pictures::png(20, 20)[..40]).refused(422, "file_rejected");
    send("image/png", &pictures::bomb(50_000, 50_000)).refused(422, "file_rejected");
    send("image/jpeg", &vec![0; 21 << 20]).refused(413, "too_large");
    send("application/json", b"{}").refused(415, "unsupported_media_type");
    send("multipart/form-data; boundary=x", b"--x--\r\n").blames("file", "required");
    house.stranger().send("POST", "/scan/photo", "image/png", pictures::png(8, 8)).refused(401, "unauthenticated");
    let found =
        tech.with("accept-language", "ru").send("POST", "/scan/photo", "image/png", pictures::png(300, 200)).is(200);
    assert_eq!(found["data"], json!([]));
    assert!(text(&found, "hint").contains("ближе"), "{found}");
}
