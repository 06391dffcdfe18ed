package jsonfile

import (
	"cmp"
	"slices"
	"strconv"

	"asof/replay/store/cell"
)

type keyKind uint8

const (
	keyNone keyKind = iota
	keyNumber
	keyText
)

// A sortKey is what versions are counted by: as in SQLite, nothing comes before a number,
// and a number before a text.
type sortKey struct {
	kind  keyKind
	exact bool // the number is whole
	whole int64
	real  float64
	text  string
}

// orderOf makes a key of a value. An integer in quotes is a number.
func orderOf(v cell.Member) sortKey {
	if len(v.Value) == 0 || v.IsNull() {
		return sortKey{}
	}
	v = plain(v)
	if n, ok, f := v.LooseInteger(); ok && f == nil {
		return sortKey{kind: keyNumber, exact: true, whole: n, real: float64(n)}
	}
	if f, err := strconv.ParseFloat(string(v.Value), 64); err == nil {
		return sortKey{kind: keyNumber, real: f}
	}
	if text, f := v.Text(); f == nil {
		return sortKey{kind: keyText, text: string(text)}
	}
	return sortKey{kind: keyText, text: string(v.Value)}
}

func (k *sortKey) compare(o *sortKey) int {
	switch {
	case k.kind != o.kind:
		return cmp.Compare(k.kind, o.kind)
	case k.exact && o.exact:
		return cmp.Compare(k.whole, o.whole)
	case k.kind == keyText:
		return cmp.Compare(k.text, o.text)
	}
	return cmp.Compare(k.real, o.real)
}

// countVersions numbers the events of each stream from 1, by their keys if they have
// any, else in file order.
func (x *indexer) countVersions() {
	order := make([]uint32, len(x.recs))
	for i := range order {
		order[i] = uint32(i)
	}
	if x.orders != nil {
		slices.SortStableFunc(order, func(a, b uint32) int { return x.orders[a].compare(&x.orders[b]) })
		x.orders = nil
	}
	next := make([]int64, len(x.streams))
	for _, i := range order {
		n := &next[x.recs[i].stream]
		*n++
		x.recs[i].version = *n
	}
}
