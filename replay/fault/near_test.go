package fault

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNear(t *testing.T) {
	types := []string{"OrderPlaced", "OrderPaid", "OrderPacked", "ItemAdded", "ItemRemoved", "OrderPaid"}
	tests := []struct {
		want string
		max  int
		near []string
	}{
		{"OrderPayed", 3, []string{"OrderPacked", "OrderPaid", "OrderPlaced"}},
		{"orderpaid", 1, []string{"OrderPaid"}},
		{"OrdrePaid", 1, []string{"OrderPaid"}},
		{"order_paid", 3, []string{"OrderPaid"}},
		{"ORDER PAID!", 3, []string{"OrderPaid"}},
		{"--", 3, nil},
		{"Added", 3, []string{"ItemAdded"}},
		{"ItemAded", 3, []string{"ItemAdded"}},
		{"Order", 2, []string{"OrderPacked", "OrderPaid"}},
		{"OrderPaid", 0, nil},
		{"OrderPaid", -1, nil},
		{"Zebra", 3, nil},
		{"te", 3, nil},
		{"", 3, nil},
		{strings.Repeat("x", 300), 3, nil},
	}
	for _, tt := range tests {
		if got := Near(tt.want, types, tt.max); !slices.Equal(got, tt.near) {
			t.Errorf("near %q: %q, want %q", tt.want, got, tt.near)
		}
	}
	carts := []string{"cart-1", "cart-2", "cart-4", "cart-42", "Cart 42"}
	if got := Near("cart42", carts, 3); !slices.Equal(got, []string{"Cart 42", "cart-42"}) {
		t.Errorf("suggests %q for cart42", got)
	}
	if got := Near("cart", []string{"", strings.Repeat("cart", 100)}, 3); got != nil {
		t.Errorf("suggests %q", got)
	}
}

// slips is the distance by its definition.
func slips(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	}
	same := 1
	if a[0] == b[0] {
		same = 0
	}
	n := min(slips(a[1:], b[1:])+same, slips(a[1:], b)+1, slips(a, b[1:])+1)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		n = min(n, slips(a[2:], b[2:])+1)
	}
	return n
}

func TestSlipsBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.SampledFrom([]rune("abc")), 0, 6).Draw(t, "a")
		b := rapid.SliceOfN(rapid.SampledFrom([]rune("abc")), 0, 6).Draw(t, "b")
		limit := rapid.IntRange(0, 7).Draw(t, "limit")
		if got, want := slipsBetween(a, b, limit), min(slips(a, b), limit+1); got != want {
			t.Fatalf("%q and %q are %d apart, want %d", string(a), string(b), got, want)
		}
	})
}
