package jsonfile

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"asof/replay/store/cell"
)

// plain strips the type wrapper of MongoDB's extended JSON, as written by mongoexport:
// {"$oid":"…"}, {"$date":"…"}, {"$numberLong":"…"}, {"$binary":…}.
func plain(m cell.Member) cell.Member {
	const nested = 2 // {"$date":{"$numberLong":"…"}}
	for range nested {
		if m.Value[0] != '{' {
			break
		}
		members, ok := cell.WalkObject(m.Value, nil)
		if id := binaryID(members); ok && id != "" {
			return cell.Member{Key: m.Key, Value: cell.AppendJSON(nil, id), At: m.At}
		}
		if !ok || len(members) != 1 {
			break
		}
		switch inner := members[0]; string(inner.Key) {
		case "$oid", "$uuid", "$date":
			m = cell.Member{Key: m.Key, Value: inner.Value, At: m.At + inner.At}
		case "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal":
			if digits := bytes.Trim(inner.Value, `"`); cell.IsNumber(digits) {
				m = cell.Member{Key: m.Key, Value: digits, At: m.At + inner.At}
			}
		}
	}
	return m
}

// binaryID formats a binary value of MongoDB as an id, in either notation:
// {"$binary":{"base64":"…","subType":"04"}}, {"$binary":"…","$type":"04"}. A UUID gets
// its dashes. Legacy UUIDs (03) have a byte order that only their driver knows, so
// they are shown in hexadecimal, like all other bytes.
func binaryID(members []cell.Member) string {
	const uuidKind, uuidBytes = 4, 16
	binary := cell.MemberNamed(members, "$binary")
	if binary == nil {
		return ""
	}
	text, kind := binary, cell.MemberNamed(members, "$type")
	if binary.Value[0] == '{' {
		inner, _ := cell.WalkObject(binary.Value, nil)
		text, kind = cell.MemberNamed(inner, "base64"), cell.MemberNamed(inner, "subType")
	}
	if text == nil || kind == nil {
		return ""
	}
	encoded, f := text.Text()
	if f != nil {
		return ""
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, encoded)
	if err != nil {
		return ""
	}
	id := hex.EncodeToString(raw)
	if n, err := strconv.ParseInt(string(bytes.Trim(kind.Value, `"`)), 16, 64); err == nil && n == uuidKind && len(raw) == uuidBytes {
		return cell.DashUUID(id)
	}
	return id
}
