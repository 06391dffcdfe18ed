package mysql

import (
	"strings"
	"unicode/utf8"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// flavour is the SQL of MySQL in the session's mode. Arguments are string, int64, uint64 or
// []byte.
var flavour = table.Flavour{
	Param: func(int, any) string { return "?" },
	Bytes: binaryText,
	Text:  storable,
	After: cell.AfterRunes,
}

// binaryText returns SQL for the UTF-8 of a text, which compares by byte, with the spaces
// at its end.
func binaryText(e string) string { return "CAST(CAST(" + e + " AS CHAR) AS BINARY)" }

// storable returns the longest prefix of s that is valid UTF-8.
func storable(s string) string {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return s[:i]
		}
	}
	return s
}

func isStorable(s string) bool { return storable(s) == s }

// A class groups the types of columns.
type class uint8

const (
	isText    class = iota // with a character set
	isBytes                // without one
	isInteger              // also BIT
	isNumber               // other numbers
	isJSON
	isStamp // in UTC
	isOther // shown as text: times, uuid, inet6
	isShape
)

// classOf returns the class of a type as information_schema names it, or the driver.
func classOf(typ string) class {
	switch strings.TrimSuffix(typ, " unsigned") {
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return isText
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector":
		return isBytes
	case "tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year":
		return isInteger
	case "decimal", "float", "double":
		return isNumber
	case "json":
		return isJSON
	case "timestamp":
		return isStamp
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return isShape
	}
	return isOther
}
