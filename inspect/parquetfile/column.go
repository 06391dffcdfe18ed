package parquetfile

import (
	"strconv"
	"unicode/utf8"

	"asof/replay/state"
)

// A Number is a JSON number as text. It may be one that neither an int64 nor a float64
// holds.
type Number string

// A JSON is an array or object as JSON.
type JSON string

// A Type is the type of a column.
type Type string

// The types of columns.
const (
	Boolean Type = "BOOLEAN"
	Int64   Type = "INT64"
	Double  Type = "DOUBLE"
	String  Type = "STRING"
	Bytes   Type = "BYTES"
)

// A Column is a column of a file.
type Column struct {
	Name  string
	From  int  // its index in the rows
	Empty Type // its type if it has no value; empty: BOOLEAN

	// Also are the kinds of values that it has in other files, which are read with this one:
	// its type, and the form of its values, are those that all files can have.
	Also Kinds
}

// Kinds is the set of kinds that the values of a column have.
type Kinds uint16

const (
	isBool Kinds = 1 << iota
	isInt
	isWideInt // a double may be another number
	isDouble
	isNumber
	isText
	isJSON
	isBytes
	isHalf // with isText: half of a surrogate pair, which only JSON has as text
)

// kindOf is the kind of a value; 0: it is NULL. quoted says that JSON may have it, see
// [Rows.Quoted].
func kindOf(v any, quoted bool) Kinds {
	switch v := v.(type) {
	case bool:
		return isBool
	case int64:
		if v < -1<<53 || v > 1<<53 {
			return isInt | isWideInt
		}
		return isInt
	case float64:
		return isDouble
	case Number:
		return isNumber
	case string:
		switch { // a Parquet text is UTF-8
		case utf8.ValidString(v):
			return isText
		case quoted && state.FromUnits(state.Units(v)) == v:
			return isText | isHalf
		}
		return isBytes
	case JSON:
		return isJSON
	case []byte:
		return isBytes
	}
	return 0
}

// typeOf is the type of a column of the file.
func (r *Rows) typeOf(c Column) Type {
	if k := r.kindsOf(c.From) | c.Also; k != 0 || c.Empty == "" {
		return k.typeOf()
	}
	return c.Empty
}

// SameForm reports whether values of the one kinds are written as those of the other.
func (k Kinds) SameForm(other Kinds) bool {
	return k.typeOf() == other.typeOf() && k.mixed() == other.mixed()
}

// typeOf is the type of a column with values of some kinds.
func (k Kinds) typeOf() Type {
	switch {
	case k&^isBool == 0:
		return Boolean
	case k&^(isInt|isWideInt) == 0:
		return Int64
	case k&^(isInt|isDouble) == 0:
		return Double
	case k&isBytes != 0:
		return Bytes
	}
	return String
}

// mixed reports whether a column has values of several kinds, so that a text alone does
// not say what a value is.
func (k Kinds) mixed() bool {
	const numbers = isInt | isWideInt | isDouble | isNumber
	return k != isText && k != isJSON && k&^numbers != 0 && k&isBytes == 0
}

// textOf is a value as text, in a column of texts or bytes. quoted writes a text as JSON.
func textOf(v any, quoted bool) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return state.PrintFloat(v)
	case Number:
		return string(v)
	case JSON:
		return string(v)
	case []byte:
		return string(v)
	case string:
		if quoted {
			return string(state.AppendJSON(nil, state.StringValue(v)))
		}
		return v
	}
	return ""
}
