package state

import (
	"errors"
	"fmt"
	"slices"
)

// Apply returns v after the changes, applied in order as in RFC 6902. It does not
// change v. Each path must exist and have the value From, if the change has one.
// Otherwise the error names the change and wraps a [PathError].
func Apply(v Value, changes []Change) (Value, error) {
	return ApplyInPlace(Clone(v), changes)
}

// ApplyInPlace is [Apply], except that it edits the tree of v. After an error the tree
// is partly edited.
func ApplyInPlace(v Value, changes []Change) (Value, error) {
	for i, c := range changes {
		var err error
		if v, err = c.apply(v); err != nil {
			return Value{}, fmt.Errorf("change %d, %s %q: %w", i+1, c.Op, c.Path, err)
		}
	}
	return v, nil
}

// apply edits the tree v in place and returns its root.
func (c *Change) apply(v Value) (Value, error) {
	if c.Op != OpRemove && c.To.kind == Absent {
		return v, errors.New("the change has no value")
	}
	tokens, err := ParsePointer(c.Path)
	if err != nil {
		return v, err
	}
	to := Clone(c.To)
	if len(tokens) == 0 {
		if c.Op != OpAdd {
			if err := c.expect(v); err != nil {
				return v, err
			}
		}
		return to, nil
	}
	in, at := v, len(tokens)-1
	for i, t := range tokens[:at] {
		next, reason := step(in, t)
		if next.kind == Absent {
			return v, missing(in, c.Path, tokens, i, reason)
		}
		in = next
	}
	last := tokens[at]
	if c.Op == OpAdd {
		if reason := add(in, last, to); reason != "" {
			return v, missing(in, c.Path, tokens, at, reason)
		}
		return v, nil
	}
	old, reason := step(in, last)
	if old.kind == Absent {
		return v, missing(in, c.Path, tokens, at, reason)
	}
	if err := c.expect(old); err != nil {
		return v, err
	}
	i, _ := arrayIndex(last)
	switch {
	case c.Op == OpRemove && in.kind == Array:
		in.n.Splice(i, 1)
	case c.Op == OpRemove:
		in.n.Delete(last)
	case in.kind == Array:
		in.n.SetAt(i, to)
	default:
		in.n.Set(last, to)
	}
	return v, nil
}

// expect returns an error unless old equals From.
func (c *Change) expect(old Value) error {
	if c.Op != OpRemove && c.Op != OpReplace {
		return fmt.Errorf("unknown operation %q", c.Op)
	}
	if old.kind == Absent {
		return &PathError{Path: c.Path, Reason: "there is no value"}
	}
	if c.From.kind != Absent && !Equal(old, c.From) {
		return &PathError{Path: c.Path, Reason: "the value there is not the one the change expects"}
	}
	return nil
}

// add puts a value into a container, or returns the reason why it cannot.
func add(in Value, token string, v Value) (reason string) {
	if in.kind != Array {
		if in.kind == Object {
			in.n.Set(token, v)
			return ""
		}
		return fmt.Sprintf("no %q in %s", token, withArticle(in.kind))
	}
	i, ok := arrayIndex(token)
	if token == "-" {
		i, ok = len(in.n.elems), true
	}
	switch {
	case !ok:
		return fmt.Sprintf("%q is not an array index", token)
	case i > len(in.n.elems):
		return fmt.Sprintf("cannot add element %s, there are %d", token, len(in.n.elems))
	}
	in.n.Splice(i, 0, v)
	return ""
}

// Invert returns the changes that undo the given ones, which must be like those of
// [Diff]: with From and To, and without "-" as an index.
func Invert(changes []Change) []Change {
	inverse := slices.Clone(changes)
	slices.Reverse(inverse)
	for i := range inverse {
		c := &inverse[i]
		c.From, c.To = c.To, c.From
		switch c.Op {
		case OpAdd:
			c.Op = OpRemove
		case OpRemove:
			c.Op = OpAdd
		case OpReplace:
		}
	}
	return inverse
}

// AppendPatch appends the changes as a JSON Patch (RFC 6902) on one line.
func AppendPatch(dst []byte, changes []Change) []byte {
	dst = append(dst, '[')
	for i, c := range changes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendQuoted(append(dst, `{"op":`...), string(c.Op))
		dst = AppendQuoted(append(dst, `,"path":`...), c.Path)
		if c.Op != OpRemove {
			dst = AppendJSON(append(dst, `,"value":`...), c.To)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
