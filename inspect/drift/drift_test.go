package drift

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/state"
)

func parsed(t interface{ Fatal(...any) }, text string) state.Value {
	if text == "" {
		return state.Value{}
	}
	v, err := state.Parse([]byte(text))
	if err != nil {
		t.Fatal(text, err)
	}
	return v
}

func TestSame(t *testing.T) {
	for _, test := range []struct {
		want, got string
		same      bool
	}{
		{"10.0", "10.00", true},
		{"10.0", `"10.00"`, true},
		{"10.0", `" 10 "`, true},
		{"10", "10.01", false},
		{"0.1", `"x"`, false},
		{"9007199254740993", "9007199254740992", false},
		{`"7"`, "7", true},
		{`"07"`, "7", false},
		{`"a"`, `"A"`, false},
		{`"2026-01-01T10:00:00Z"`, `"2026-01-01 12:00:00+02"`, true},
		{`"2026-01-01T10:00:00Z"`, `"2026-01-01 10:00:00"`, true},
		{`"2026-01-01T10:00:00.5Z"`, `"2026-01-01 10:00:00"`, false},
		{`"2026-01-01T00:00:00Z"`, `"2026-01-01"`, true},
		{`"2026-01-01"`, `"2026-01-01T00:00:00+00:00"`, true},
		{`"2026-01-01T00:00:01Z"`, `"2026-01-01"`, false},
		{`"6F9619FF-8B86-D011-B42D-00C04FC964FF"`, `"6f9619ff-8b86-d011-b42d-00c04fc964ff"`, true},
		{`"6f9619ff-8b86-d011-b42d-00c04fc964ff"`, `"b5YZ/4uG0BG0LQDAT8lk/w=="`, true},
		{`"6f9619ff-8b86-d011-b42d-00c04fc964fe"`, `"b5YZ/4uG0BG0LQDAT8lk/w=="`, false},
		{`"6f9619ff8b86d011b42d00c04fc964ff"`, `"\\x6f9619ff8b86d011b42d00c04fc964ff"`, true},
		{`"3q2+7w=="`, `"\\xdeadbeef"`, true},
		{`"deadbeef"`, `"\\xdeadbeef"`, true},
		{`"deadbeee"`, `"\\xdeadbeef"`, false},
		{`"69b71d"`, `"abcd"`, false},
		{`"AB"`, `"ab"`, false},
		{"true", "1", true},
		{"true", `"t"`, true},
		{"true", "0", false},
		{"false", `"false"`, true},
		{"1", "true", false},
		{"null", "null", true},
		{"", "null", true},
		{"", `""`, false},
		{`""`, "null", false},
		{"0", "null", false},
		{`{"a":1.0,"b":[2]}`, `"{\"b\": [2.00], \"a\": 1}"`, true},
		{`{"a":1}`, `{"a":1.0}`, true},
		{`[1,2]`, `"[2,1]"`, false},
		{`[1]`, `"[1"`, false},
	} {
		var exact *tolerance
		if got := exact.same(parsed(t, test.want), parsed(t, test.got)); got != test.same {
			t.Errorf("%s and %s: %v", test.want, test.got, got)
		}
	}
	about, err := parseTolerance("0.01")
	if err != nil {
		t.Fatal(err)
	}
	for got, same := range map[string]bool{"1.01": true, "1.0100000000000000001": false, `"0.99"`: true, "null": false} {
		if about.same(parsed(t, "1"), parsed(t, got)) != same {
			t.Errorf("within 0.01, 1 and %s: not %v", got, same)
		}
	}
	for _, bad := range []string{"x", "-1", "1e99999"} {
		if CheckTolerance(bad) == nil {
			t.Errorf("the tolerance %s is taken", bad)
		}
	}
}

func seqOf[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// TestRun holds the merge to a comparison of maps.
func TestRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfDistinct(rapid.StringMatching(`[a-c0-2Ä]{1,3}`), rapid.ID[string])
		number := rapid.IntRange(0, 2)
		want, got := map[string]int{}, map[string]int{}
		var wants []Want
		var rows []Got
		failed := map[string]bool{}
		value := func(n int) []state.Value {
			return []state.Value{state.NumberValue(fmt.Sprint(n)), state.NumberValue("0")}
		}
		for _, k := range slices.Sorted(slices.Values(keys.Draw(t, "wanted"))) {
			want[k] = number.Draw(t, "value")
			w := Want{Key: k, Stream: replay.StreamID(k), Values: value(want[k]), Setter: func(state.Path) (*replay.Event, error) { return &replay.Event{Stream: replay.StreamID(k)}, nil }}
			if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
				w.Err, failed[k] = fmt.Errorf("no"), true
			}
			wants = append(wants, w)
		}
		repeated := int64(0)
		for _, k := range slices.Sorted(slices.Values(keys.Draw(t, "there"))) {
			got[k] = number.Draw(t, "value")
			rows = append(rows, Got{Key: k, Values: value(got[k])})
			for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "again") {
				rows = append(rows, Got{Key: k, Values: value(9)})
				repeated++
			}
		}
		most := rapid.IntRange(0, 3).Draw(t, "most")
		r, err := Run(t.Context(), seqOf(wants), seqOf(rows), Options{
			Columns: []Column{{"n", "/n"}, {"zero", "/zero"}}, Most: most,
		})
		if err != nil {
			t.Fatal(err)
		}
		is := Result{Repeated: repeated}
		for k := range want {
			there, ok := got[k]
			switch {
			case failed[k]:
				is.Failed++
			case !ok:
				is.Missing++
			case there == want[k]:
				is.Identical++
			default:
				is.Modified++
			}
		}
		for k := range got {
			if _, ok := want[k]; !ok {
				is.Extra++
			}
		}
		counts := func(r *Result) string {
			return fmt.Sprint(r.Identical, r.Modified, r.Missing, r.Extra, r.Repeated, r.Failed)
		}
		if counts(r) != counts(&is) || r.Wrong[0] != is.Modified || r.Wrong[1] != 0 {
			t.Fatalf("%v of %v and %v, want %v", counts(r), want, got, counts(&is))
		}
		if len(r.Cells) != min(most, int(is.Modified)) || len(r.Lacks) != min(most, int(is.Missing)) || len(r.Surplus) != min(most, int(is.Extra)) {
			t.Fatalf("%d cells, %d missing and %d extra are listed", len(r.Cells), len(r.Lacks), len(r.Surplus))
		}
		for _, c := range r.Cells {
			if string(c.Stream) != c.Key || c.Event.Stream != c.Stream || c.Want.Text() != fmt.Sprint(want[c.Key]) || c.Got.Text() != fmt.Sprint(got[c.Key]) {
				t.Fatalf("the cell is %+v", c)
			}
		}
	})
}

// TestOrder: rows that come in another order are an error, not a difference.
func TestOrder(t *testing.T) {
	row := func(k string) Got { return Got{Key: k} }
	want := func(k string) Want { return Want{Key: k} }
	if _, err := Run(t.Context(), seqOf([]Want{want("a")}), seqOf([]Got{row("b"), row("a")}), Options{}); err == nil || !strings.Contains(err.Error(), "after") {
		t.Errorf("the error is %v", err)
	}
	if _, err := Run(t.Context(), seqOf([]Want{want("b"), want("a")}), seqOf([]Got{row("b")}), Options{}); err == nil {
		t.Error("no error")
	}
}
