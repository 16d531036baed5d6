//! Values of Arrow columns as cells of a row.

use std::fmt::Write as _;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};

use crate::cell::Cell;

/// Lists inside structs inside lists that are followed.
const MAX_DEPTH: usize = 8;

/// Value `index` of `array`, which must be below its length.
pub(crate) fn cell(array: &dyn Array, index: usize) -> Cell {
    if array.is_null(index) {
        return Cell::Null;
    }
    if let Some(text) = text(array, index) {
        return Cell::Text(text.to_owned());
    }
    if let Some(bytes) = bytes(array, index) {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(_) => Cell::Bytes(bytes.to_vec()),
        };
    }
    let mut json = String::new();
    write_json(array, index, 0, &mut json);
    match json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        // Dates and times have no form of their own in JSON.
        Some(plain) if !plain.contains('\\') => Cell::Text(plain.to_owned()),
        _ => Cell::Json(json),
    }
}

/// Size of a value.
pub(crate) fn n_bytes(cell: &Cell) -> u64 {
    match cell {
        Cell::Null => 0,
        Cell::Text(text) | Cell::Json(text) => text.len() as u64,
        Cell::Bytes(bytes) => bytes.len() as u64,
    }
}

fn text(array: &dyn Array, index: usize) -> Option<&str> {
    Some(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(index),
        DataType::LargeUtf8 => array.as_string::<i64>().value(index),
        DataType::Utf8View => array.as_string_view().value(index),
        _ => return None,
    })
}

fn bytes(array: &dyn Array, index: usize) -> Option<&[u8]> {
    Some(match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().value(index),
        DataType::LargeBinary => array.as_binary::<i64>().value(index),
        DataType::BinaryView => array.as_binary_view().value(index),
        DataType::FixedSizeBinary(_) => array.as_fixed_size_binary().value(index),
        _ => return None,
    })
}

fn write_json(array: &dyn Array, index: usize, depth: usize, out: &mut String) {
    if array.is_null(index) || depth > MAX_DEPTH {
        out.push_str("null");
        return;
    }
    if let Some(text) = text(array, index) {
        write_string(text, out);
        return;
    }
    if let Some(bytes) = bytes(array, index) {
        write_string(&String::from_utf8_lossy(bytes), out);
        return;
    }
    macro_rules! number {
        ($type:ty) => {{
            let value = array.as_primitive::<$type>().value(index);
            // Writing to a string cannot fail.
            let _ = write!(out, "{value}");
        }};
    }
    match array.data_type() {
        DataType::Boolean => out.push_str(if array.as_boolean().value(index) {
            "true"
        } else {
            "false"
        }),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => write_float(
            f64::from(array.as_primitive::<Float32Type>().value(index)),
            out,
        ),
        DataType::Float64 => write_float(array.as_primitive::<Float64Type>().value(index), out),
        DataType::List(_) => write_list(array.as_list::<i32>().value(index).as_ref(), depth, out),
        DataType::LargeList(_) => {
            write_list(array.as_list::<i64>().value(index).as_ref(), depth, out);
        }
        DataType::Struct(fields) => {
            out.push('{');
            for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                if !out.ends_with('{') {
                    out.push(',');
                }
                write_string(field.name(), out);
                out.push(':');
                write_json(column.as_ref(), index, depth + 1, out);
            }
            out.push('}');
        }
        _ => match arrow::util::display::array_value_to_string(array, index) {
            Ok(text) => write_string(&text, out),
            Err(_) => out.push_str("null"),
        },
    }
}

fn write_list(values: &dyn Array, depth: usize, out: &mut String) {
    out.push('[');
    for index in 0..values.len() {
        if index > 0 {
            out.push(',');
        }
        write_json(values, index, depth + 1, out);
    }
    out.push(']');
}

fn write_float(value: f64, out: &mut String) {
    if value.is_finite() {
        let _ = write!(out, "{value}");
    } else {
        out.push_str("null");
    }
}

fn write_string(text: &str, out: &mut String) {
    // A string always has a JSON form.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
