package replay

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseRange(t *testing.T) {
	tests := []struct{ in, want string }{
		{"4..head", "4..head"},
		{"4..", "4..head"},
		{"..17", "start..17"},
		{"start..17", "start..17"},
		{"17", "17"},
		{"head~3..head~1", "head~3..head~1"},
		{"17..4", "17..4"},
		{"2026-11-19..yesterday 14:00", "2026-11-18T23:00:00Z..2026-11-19 13:00Z"},
		{"type:OrderPaid..head", "type:OrderPaid..head"},
		{`type:"a..b"`, `type:"a..b"`},
		{`type:"a..b"..type:"c..d"~1`, `type:"a..b"..type:"c..d"~1`},
		{`type:"17..18"..`, `type:"17..18"..head`},
	}
	for _, tt := range tests {
		r, err := ParseRange(tt.in, friday(t))
		if err != nil || r.String() != tt.want {
			t.Errorf("%q is %v (%v), want %s", tt.in, r, err, tt.want)
			continue
		}
		if single := !strings.Contains(strings.ReplaceAll(tt.in, `"a..b"`, ""), ".."); r.Single != single {
			t.Errorf("%q: single is %v", tt.in, r.Single)
		}
		if r.Single && r.From != Start() {
			t.Errorf("%q begins at %v", tt.in, r.From)
		}
	}
}

func TestParseRangeRejects(t *testing.T) {
	tests := []struct{ in, point, reason, hint string }{
		{"", "", "empty", "a point is"},
		{"..", "..", "needs a point", "A..B"},
		{"4...head", "4...head", "two dots", "A..B"},
		{"...", "...", "two dots", "A..B"},
		{"4..garbage", "garbage", "not recognized", "a point is"},
		{"garbage..4", "garbage", "not recognized", "a point is"},
		{"4..2026-02-30", "2026-02-30", "no 2026-02-30", "28 days"},
		{"4..5..6", "5..6", "not recognized", "a point is"},
		{"type:a..b", "b", "not recognized", "a point is"},
		{`type:"a..b`, `type:"a`, "quotes", ""},
		{"garbage", "garbage", "not recognized", "a point is"},
		{strings.Repeat("..", 5000), strings.Repeat("..", maxPoint/2), "too long", "A..B"},
	}
	for _, tt := range tests {
		r, err := ParseRange(tt.in, friday(t))
		var pe *PointError
		if !errors.As(err, &pe) || pe.Point != tt.point ||
			!strings.Contains(pe.Reason, tt.reason) || !strings.Contains(pe.Next, tt.hint) {
			t.Errorf("%q is %v, %v", tt.in, r, err)
		}
	}
}

func TestRangeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Range{From: Start(), To: drawPoint(t, "to"), Single: rapid.Bool().Draw(t, "single")}
		if !r.Single {
			r.From = drawPoint(t, "from")
		}
		got, err := ParseRange(r.String(), Env{Zone: time.FixedZone("", 3600)})
		if err != nil || got != r {
			t.Fatalf("%s reads as %v, %v", r, got, err)
		}
	})
}

func TestSplitAddress(t *testing.T) {
	tests := []struct {
		in   string
		want []Address
	}{
		{"cart-1", []Address{{Stream: "cart-1"}}},
		{"cart-1@17", []Address{{Stream: "cart-1@17"}, {"cart-1", "17", true}}},
		{"cart-1@4..head", []Address{{Stream: "cart-1@4..head"}, {"cart-1", "4..head", true}}},
		{"cart-1@", []Address{{Stream: "cart-1@"}, {"cart-1", "", true}}},
		{"@17", []Address{{Stream: "@17"}}},
		{"a@b@type:c", []Address{{Stream: "a@b@type:c"}, {"a@b", "type:c", true}, {"a", "b@type:c", true}}},
		{"proj:sales/eu@2026-03-01", []Address{
			{Stream: "proj:sales/eu@2026-03-01"}, {"proj:sales/eu", "2026-03-01", true},
		}},
	}
	for _, tt := range tests {
		if got := SplitAddress(tt.in); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %+v, want %+v", tt.in, got, tt.want)
		}
	}
	if n := len(SplitAddress(strings.Repeat("@", 1_000_000))); n > maxRange+2 {
		t.Errorf("a million @ are read in %d ways", n)
	}
}
