package format

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDamaged changes random bytes of a file, or cuts it. It is refused, or the bytes said
// nothing that is read; rows are never others than those of the file.
func TestDamaged(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		fields, groups := drawn(t)
		file := write(t, fields, groups, About{"a", "1"})
		bad := slices.Clone(file)
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(bad)-1).Draw(t, "at")
			if rapid.Bool().Draw(t, "near the end") {
				at = max(0, len(bad)-1-rapid.IntRange(0, 400).Draw(t, "from the end"))
			}
			bad[at] = rapid.Byte().Draw(t, "byte")
		}
		if rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
			bad = bad[:rapid.IntRange(0, len(bad)).Draw(t, "length")]
		}
		f, rows, err := read(bad)
		if err != nil {
			refused++
			return
		}
		if len(rows) > int(f.Rows) {
			t.Fatalf("%d rows of %d", len(rows), f.Rows)
		}
	})
	if refused == 0 {
		t.Error("no file was refused")
	}
}

// TestChangedPage changes a byte of a page: its sum finds it.
func TestChangedPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows [][]Value
		for range rapid.IntRange(1, 300).Draw(t, "rows") {
			rows = append(rows, []Value{IntValue(rapid.Int64().Draw(t, "n"))})
		}
		file := write(t, []Field{{"n", Int64}}, [][][]Value{rows})
		start := bytes.Index(file, []byte("\xb5\x2f\xfd"))
		f, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil || start < 0 {
			t.Fatal(start, err)
		}
		end := f.groups[0].chunks[0].at + f.groups[0].chunks[0].size
		file[rapid.IntRange(start, int(end)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, _, err := read(file); err == nil {
			t.Fatal("it was not noticed")
		}
	})
}

// TestLevels stores random levels, in runs and without.
func TestLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []byte
		for range rapid.IntRange(0, 12).Draw(t, "runs") {
			all = append(all, bytes.Repeat([]byte{rapid.ByteRange(0, 1).Draw(t, "level")}, rapid.SampledFrom([]int{1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 1000}).Draw(t, "length"))...)
		}
		b := appendLevels(nil, all)
		if got, err := readLevels(b, len(all)); err != nil || !bytes.Equal(got, all) {
			t.Fatalf("%v is %v: %v", all, got, err)
		}
		if most := len(all)/8 + 30; len(b) > most {
			t.Fatalf("%d levels take %d bytes", len(all), len(b))
		}
	})
	if b := appendLevels(nil, make([]byte, 1<<17)); len(b) > 5 {
		t.Errorf("NULLs take %d bytes", len(b))
	}
}

// TestDeltas stores random lengths.
func TestDeltas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 2, 31, 32, 33, 34, 127, 128, 129, 130, 256, 257, 258, 600}).Draw(t, "n")
		most := rapid.SampledFrom([]int64{0, 1, 255, 100_000, math.MaxInt32}).Draw(t, "most")
		all := rapid.SliceOfN(rapid.Int64Range(0, most), n, n).Draw(t, "lengths")
		b := append(appendDeltas(nil, all), "rest"...)
		got, rest, err := readDeltas(b, n)
		if err != nil || !slices.Equal(got, all) || string(rest) != "rest" {
			t.Fatalf("%v are %v before %q: %v", all, got, rest, err)
		}
		c := cursor{is: Text, levels: bytes.Repeat([]byte{1}, n)}
		if total := sum(all); total > 0 && total < 1<<20 {
			if c.begin(append(appendDeltas(nil, all), make([]byte, total-1)...)) == nil {
				t.Fatal("a text ends after its page")
			}
		}
		if n > 0 {
			if _, _, err := readDeltas(b, n-1); err == nil {
				t.Fatal("more lengths are read than there are values")
			}
		}
	})
}

func sum(all []int64) (total int64) {
	for _, n := range all {
		total += n
	}
	return total
}
