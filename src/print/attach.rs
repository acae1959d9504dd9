//! Data that travels within a document.

use lopdf::{Dictionary, IncrementalDocument, Object, Stream, StringFormat};

use crate::db::types::Timestamp;

/// A file that travels within the document.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// What it is called; ASCII.
    pub name: String,
    /// `application/json`
    pub media_type: String,
    /// What it is, for people.
    pub description: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Puts a file into the document, as data that belongs to all of it (PDF 2.0, 14.13: associated files).
///
/// # Errors
/// When the document has no catalog: it is none.
pub fn attach(revision: &mut IncrementalDocument, attachment: &Attachment, at: Timestamp) -> Result<(), lopdf::Error> {
    let name = |name: &str| Object::Name(name.as_bytes().to_vec());
    let date = Object::string_literal(at.utc().format("D:%Y%m%d%H%M%SZ").to_string());
    let size = i64::try_from(attachment.bytes.len()).unwrap_or_default();
    let about = Dictionary::from_iter([("Size", Object::Integer(size)), ("ModDate", date)]);
    let dictionary = Dictionary::from_iter([
        ("Type", name("EmbeddedFile")),
        ("Subtype", name(&attachment.media_type)),
        ("Params", about.into()),
    ]);
    let mut file = Stream::new(dictionary, attachment.bytes.clone());
    // A stream that cannot be packed stays as it is.
    let _ = file.compress();
    let file = Object::Reference(revision.new_document.add_object(file));
    let description = attachment.description.encode_utf16().flat_map(u16::to_be_bytes);
    let entry = revision.new_document.add_object(Dictionary::from_iter([
        ("Type", name("Filespec")),
        ("F", Object::string_literal(attachment.name.as_str())),
        ("UF", Object::string_literal(attachment.name.as_str())),
        ("Desc", Object::String([0xfe, 0xff].into_iter().chain(description).collect(), StringFormat::Hexadecimal)),
        ("AFRelationship", name("Data")),
        ("EF", Dictionary::from_iter([("F", file.clone()), ("UF", file)]).into()),
    ]));
    let files: Vec<Object> = vec![Object::string_literal(attachment.name.as_str()), Object::Reference(entry)];
    let tree = Dictionary::from_iter([("Names", files.into())]);
    let names = Dictionary::from_iter([("EmbeddedFiles", tree.into())]);
    let root = revision.get_prev_documents().trailer.get(b"Root").and_then(Object::as_reference)?;
    revision.opt_clone_object_to_new_document(root)?;
    let catalog = revision.new_document.get_object_mut(root)?.as_dict_mut()?;
    // Our own documents have neither names nor files of their own.
    catalog.set("Names", names);
    catalog.set("AF", vec![Object::Reference(entry)]);
    Ok(())
}
