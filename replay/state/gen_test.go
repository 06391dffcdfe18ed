package state

import (
	"fmt"

	"pgregory.net/rapid"
)

// anyValue draws JSON values that are up to depth containers deep. Keys and
// scalars come from small sets, so that two values have much in common.
func anyValue(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		kinds := []Kind{Null, Bool, Number, String}
		if depth > 0 {
			kinds = append(kinds, Array, Object, Array, Object)
		}
		switch rapid.SampledFrom(kinds).Draw(t, "kind") {
		case Bool:
			return BoolValue(rapid.Bool().Draw(t, "bool"))
		case Number:
			return NumberValue(anyNumber().Draw(t, "number"))
		case String:
			return StringValue(rapid.OneOf(
				rapid.SampledFrom([]string{"", "a", "b", "~/", "x\n", "\x1b[31m", "\u0085\u2028", "😀"}),
				rapid.String(),
			).Draw(t, "string"))
		case Array:
			return NewArray(rapid.SliceOfN(anyValue(depth-1), 0, 6).Draw(t, "elems")...).Value()
		case Object:
			n := NewObject()
			size := rapid.SampledFrom([]int{0, 1, 2, 3, 5, indexFrom, scanUpTo + 2}).Draw(t, "size")
			for range size {
				key := fmt.Sprint("k", rapid.IntRange(0, 2*size).Draw(t, "key"))
				n.Set(key, anyValue(depth-1).Draw(t, "member"))
			}
			if rapid.Bool().Draw(t, "delete") {
				n.Delete("k1")
			}
			return n.Value()
		default:
			return NullValue()
		}
	})
}

// anyNumber draws JSON numbers, many of them equal in different spellings.
func anyNumber() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"0", "-0", "0.0", "-0e5", "1", "1.0", "10e-1", "0.1e1", "100", "1e2", "1E+02",
			"9007199254740993", "9007199254740992", "0.10", "0.1", "-1", "-1.0", "2", "1e999999999",
			"1e-999999999", "10e999999998", "1e99999999999999999999", "-1e99999999999999999999",
			"10e99999999999999999998", "0.01e100000000000000000001", "1e-99999999999999999999",
		}),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?`),
		rapid.StringMatching(`-?(0|[1-9]0{0,3})(\.0{0,3}[0-9])?(e-?[0-3])?`),
	)
}
