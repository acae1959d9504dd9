//! JSON as the description promises it: an object is written as an object. Left alone, serde would take the members of a
//! record from an array in the order of its fields, and would refuse `80.0` where it takes `80`.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

/// A deserializer that holds to the description at every depth.
pub struct Strict<D>(pub D);

/// What is expected where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Whatever the visitor takes.
    Anything,
    /// An object.
    Object,
    /// A whole number, however it is written.
    Whole,
}

struct Visit<V>(V, Expected);

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*) as $expected:ident;)+) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($argument,)* Visit(visitor, Expected::$expected))
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward! {
        deserialize_any() as Anything;
        deserialize_bool() as Anything;
        deserialize_i8() as Whole;
        deserialize_i16() as Whole;
        deserialize_i32() as Whole;
        deserialize_i64() as Whole;
        deserialize_u8() as Whole;
        deserialize_u16() as Whole;
        deserialize_u32() as Whole;
        deserialize_u64() as Whole;
        deserialize_f32() as Anything;
        deserialize_f64() as Anything;
        deserialize_char() as Anything;
        deserialize_str() as Anything;
        deserialize_string() as Anything;
        deserialize_bytes() as Anything;
        deserialize_byte_buf() as Anything;
        deserialize_option() as Anything;
        deserialize_unit() as Anything;
        deserialize_unit_struct(name: &'static str) as Anything;
        deserialize_newtype_struct(name: &'static str) as Anything;
        deserialize_seq() as Anything;
        deserialize_tuple(length: usize) as Anything;
        deserialize_tuple_struct(name: &'static str, length: usize) as Anything;
        deserialize_map() as Object;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) as Object;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) as Anything;
        deserialize_identifier() as Anything;
        deserialize_ignored_any() as Anything;
    }
}

macro_rules! visit {
    ($($method:ident($type:ty);)+) => {$(
        fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )+};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Visit<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<V::Value, E> {
        // Written without its point, a whole number has no part left to lose.
        match value.to_string().parse::<i64>() {
            Ok(whole) if self.1 == Expected::Whole => match u64::try_from(whole) {
                Ok(whole) => self.0.visit_u64(whole),
                Err(_) => self.0.visit_i64(whole),
            },
            _ => self.0.visit_f64(value),
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Strict(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        if self.1 == Expected::Object {
            return Err(serde::de::Error::invalid_type(serde::de::Unexpected::Seq, &"a map"));
        }
        self.0.visit_seq(Items(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Items(members))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Items(variant))
    }
}

/// What is within a value, as strict as the value.
struct Items<A>(A);

struct Seed<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Items<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Items<A> {
    type Error = A::Error;
    type Variant = Items<A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let (name, content) = self.0.variant_seed(seed)?;
        Ok((name, Items(content)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Items<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.newtype_variant_seed(Seed(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Visit(visitor, Expected::Anything))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Visit(visitor, Expected::Object))
    }
}
