package table

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/store/source"
)

func TestKeyed(t *testing.T) {
	for _, c := range []struct {
		stream, version string
		unique          []string
		want            bool
	}{
		{"stream", "version", []string{"stream", "version"}, true},
		{"e.Stream", `e."Version"`, []string{"version", "stream"}, true},
		{"stream", "version", []string{"version"}, true},
		{"stream", "version", []string{"tenant", "stream", "version"}, false},
		{"a || b", "version", []string{"a", "version"}, false},
		{"stream", "version", []string{"stream", ""}, false}, // of an expression
		{"stream", "version", nil, false},
	} {
		l := &Layout{Cols: [source.NumFields]string{source.Stream: c.stream, source.Version: c.version}}
		var uniques [][]string
		if c.unique != nil {
			uniques = append(uniques, c.unique)
		}
		if got := l.isKeyed(uniques); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestColumnOf compares the name of a column with that which a pattern finds.
func TestColumnOf(t *testing.T) {
	pattern := regexp.MustCompile(`^(?:\w+\.)?(?:"([^"]+)"|(\w+))(?: COLLATE BINARY)?$`)
	found, other := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		expr := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"e", ".", `"`, "Name", "_1", " COLLATE BINARY", " ", "ü", `"a.b"`, "(", "",
		}), 0, 6).Draw(t, "parts"), "")
		want := ""
		if m := pattern.FindStringSubmatch(expr); m != nil {
			found++
			want = strings.ToLower(m[1] + m[2])
		} else {
			other++
		}
		if got := columnOf(expr); got != want {
			t.Fatalf("%q is the column %q, want %q", expr, got, want)
		}
	})
	if found == 0 || other == 0 {
		t.Errorf("%d columns, %d other expressions", found, other)
	}
}
