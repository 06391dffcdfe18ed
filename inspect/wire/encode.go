package wire

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"asof/replay/state"
)

// A Value is JSON that asof does not define: a state or a payload. Absent is null.
type Value state.Value

// MarshalJSON implements json.Marshaler. A [Writer] does not need it.
func (v Value) MarshalJSON() ([]byte, error) { return state.AppendSorted(nil, state.Value(v)), nil }

// Append appends x as JSON without white space, with the members of each object sorted
// by key. It accepts structs with json tags, pointers, slices, maps with string keys,
// strings, integers, booleans, times and [Value], and panics on other types.
// encoding/json writes an equal value.
func Append(dst []byte, x any) []byte { return whole.append(dst, x) }

// An encoder appends a value of one type.
type encoder func(dst []byte, v reflect.Value) []byte

// An encoding has an encoder for each type.
type encoding struct {
	only     func(t reflect.Type, name string) bool // which members are written; nil: all
	encoders sync.Map                               // of reflect.Type
}

// whole writes all members.
var whole encoding

func (c *encoding) append(dst []byte, x any) []byte {
	v := reflect.ValueOf(x)
	return c.of(v.Type())(dst, v)
}

func (c *encoding) of(t reflect.Type) encoder {
	if e, ok := c.encoders.Load(t); ok {
		return e.(encoder)
	}
	e := c.encoder(t)
	c.encoders.Store(t, e)
	return e
}

var (
	valueType = reflect.TypeFor[Value]()
	timeType  = reflect.TypeFor[time.Time]()
)

func (c *encoding) encoder(t reflect.Type) encoder {
	switch t {
	case valueType:
		return encodeValue
	case timeType:
		return encodeTime
	}
	switch t.Kind() {
	case reflect.Pointer:
		return c.pointer
	case reflect.Slice:
		return c.slice
	case reflect.Map:
		return c.table
	case reflect.Struct:
		return c.object(c.fieldsOf(t))
	case reflect.String:
		return func(dst []byte, v reflect.Value) []byte { return state.AppendQuoted(dst, v.String()) }
	case reflect.Bool:
		return func(dst []byte, v reflect.Value) []byte { return strconv.AppendBool(dst, v.Bool()) }
	case reflect.Int, reflect.Int64:
		return func(dst []byte, v reflect.Value) []byte { return strconv.AppendInt(dst, v.Int(), 10) }
	}
	panic("wire: the contract has no encoding for " + t.String())
}

func encodeValue(dst []byte, v reflect.Value) []byte {
	if v.CanAddr() { // the usual case, without a copy
		return state.AppendSorted(dst, state.Value(*v.Addr().Interface().(*Value)))
	}
	return state.AppendSorted(dst, state.Value(v.Interface().(Value)))
}

func encodeTime(dst []byte, v reflect.Value) []byte {
	dst = append(dst, '"')
	dst = v.Interface().(time.Time).UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// The encoders of pointers, slices and maps look up the encoder of their elements when
// they run, so that types may be recursive.

func (c *encoding) pointer(dst []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(dst, "null"...)
	}
	v = v.Elem()
	return c.of(v.Type())(dst, v)
}

func (c *encoding) slice(dst []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(dst, "null"...)
	}
	elem := c.of(v.Type().Elem())
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = elem(dst, v.Index(i))
	}
	return append(dst, ']')
}

func (c *encoding) table(dst []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(dst, "null"...)
	}
	elem := c.of(v.Type().Elem())
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(state.AppendQuoted(dst, k.String()), ':')
		dst = elem(dst, v.MapIndex(k))
	}
	return append(dst, '}')
}

// A field is a member of a JSON object.
type field struct {
	name      string
	key       string // as it is written, with quotes and colon
	index     []int
	typ       reflect.Type
	omitEmpty bool // omitempty: leaves out values of length 0 and nil pointers
	omitZero  bool
}

// absent reports whether the tag leaves a value out.
func (f *field) absent(v reflect.Value) bool {
	switch {
	case f.omitZero:
		return v.IsZero()
	case !f.omitEmpty:
		return false
	case v.Kind() == reflect.Pointer:
		return v.IsNil()
	}
	return v.Len() == 0
}

// fieldsOf returns the members of a struct and of its embedded structs, in the order of
// their declaration.
func fieldsOf(t reflect.Type) []field {
	var all []field
	for i := range t.NumField() {
		sf := t.Field(i)
		if !sf.Anonymous {
			all = append(all, fieldOf(sf, i))
			continue
		}
		for _, f := range fieldsOf(sf.Type) {
			f.index = append([]int{i}, f.index...)
			all = append(all, f)
		}
	}
	return all
}

func fieldOf(sf reflect.StructField, i int) field {
	name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	if name == "" {
		panic("wire: " + sf.Name + " has no name in JSON")
	}
	return field{
		name: name, key: string(append(state.AppendQuoted(nil, name), ':')), index: []int{i}, typ: sf.Type,
		omitEmpty: options == "omitempty", omitZero: options == "omitzero",
	}
}

// fieldsOf returns the members of a struct that are written.
func (c *encoding) fieldsOf(t reflect.Type) []field {
	all := fieldsOf(t)
	if c.only == nil {
		return all
	}
	return slices.DeleteFunc(all, func(f field) bool { return !c.only(t, f.name) })
}

func sorted(fields []field) []field {
	return slices.SortedFunc(slices.Values(fields), func(a, b field) int { return cmp.Compare(a.name, b.name) })
}

func (c *encoding) object(fields []field) encoder {
	type member struct {
		field
		encode encoder
	}
	var members []member
	for _, f := range sorted(fields) {
		members = append(members, member{f, c.of(f.typ)})
	}
	return func(dst []byte, v reflect.Value) []byte {
		dst = append(dst, '{')
		first := true
		for i := range members {
			m := &members[i]
			f := v.FieldByIndex(m.index)
			if m.absent(f) {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = m.encode(append(dst, m.key...), f)
		}
		return append(dst, '}')
	}
}
