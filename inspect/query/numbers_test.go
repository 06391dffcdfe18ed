package query_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

// TestNumbersAreExact holds the sums and the functions of decimals to a library for
// decimals.
func TestNumbersAreExact(t *testing.T) {
	db := openDB(t, carts, "")
	defer db.Close()
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?(e-?[1-3]?[0-9])?`)
	exact := apd.Context{MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps}
	same := func(t *rapid.T, sql, got string, want *apd.Decimal) {
		if g, _, err := apd.NewFromString(got); err != nil || g.Cmp(want) != 0 {
			t.Fatalf("%s\nis %s, want %s", sql, got, want.Text('f'))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(number, 2, 6).Draw(t, "numbers")
		var of apd.Decimal
		var nums []*apd.Decimal
		for _, text := range texts {
			d, _, err := apd.NewFromString(text)
			if err != nil {
				t.Fatal(err)
			}
			nums = append(nums, d)
			if _, err := exact.Add(&of, &of, d); err != nil {
				t.Fatal(err)
			}
		}
		for name, op := range map[string]func(d, x, y *apd.Decimal) (apd.Condition, error){"dec_add": exact.Add, "dec_sub": exact.Sub, "dec_mul": exact.Mul} {
			var want apd.Decimal
			if _, err := op(&want, nums[0], nums[1]); err != nil {
				t.Fatal(err)
			}
			sql := fmt.Sprintf("SELECT %s('%s', '%s')", name, texts[0], texts[1])
			same(t, sql, bare(mustRows(t, db, sql)[0]), &want)
		}
		sql := fmt.Sprintf("SELECT dec_cmp('%s', '%s')", texts[0], texts[1])
		if got, want := mustRows(t, db, sql)[0], strconv.Itoa(nums[0].Cmp(nums[1])); got != want {
			t.Fatalf("%s\nis %s, want %s", sql, got, want)
		}
		values := " FROM (SELECT column1 AS n FROM (VALUES ('" + strings.Join(texts, "'), ('") + "')))"
		for _, name := range []string{"sum(n)", "total(n)"} {
			same(t, name+values, bare(mustRows(t, db, "SELECT "+name+values)[0]), &of)
		}
		// A window that leaves the first number behind subtracts it without a trace.
		var last apd.Decimal
		if _, err := exact.Add(&last, nums[len(nums)-1], nums[len(nums)-2]); err != nil {
			t.Fatal(err)
		}
		sql = "SELECT sum(n) OVER (ROWS 1 PRECEDING)" + values
		rows := mustRows(t, db, sql)
		same(t, sql, bare(rows[len(rows)-1]), &last)
		sql = "SELECT avg(n)" + values
		mean, want := exact, new(apd.Decimal)
		mean.Precision = 60
		if _, err := mean.Quo(want, &of, apd.New(int64(len(texts)), 0)); err != nil {
			t.Fatal(err)
		}
		if got, nearest := bare(mustRows(t, db, sql)[0]), want.Text('e'); !sameDouble(t, got, nearest) {
			t.Fatalf("%s\nis %s, want %s", sql, got, nearest)
		}
	})
}

// bare is a row of one value, as rowsOf writes it.
func bare(row string) string { return strings.Trim(row, "[]") }

func sameDouble(t *rapid.T, a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		t.Fatal(err)
	}
	y, err := strconv.ParseFloat(b, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x == y
}

// TestNumbersOutOfRange: a number that cannot be added is an error, not 0.
func TestNumbersOutOfRange(t *testing.T) {
	db := openDB(t, carts, "")
	defer db.Close()
	for _, sql := range []string{"SELECT sum(column1) FROM (VALUES (1), ('1e99999'))", "SELECT avg(column1) FROM (VALUES (1), (9e999))"} {
		if rows, err := rowsOf(db, sql); err == nil || !strings.Contains(err.Error(), "out of range") {
			t.Errorf("%s: %v, %v", sql, rows, err)
		}
	}
	if rows := mustRows(t, db, "SELECT sum(column1) FROM (VALUES (1), ('x'), (NULL))"); rows[0] != "1" {
		t.Errorf("text counts as %v", rows)
	}
}

// TestColumnsOfOneName: each column keeps a name, which no other column has.
func TestColumnsOfOneName(t *testing.T) {
	db := openDB(t, carts, "")
	defer db.Close()
	for sql, want := range map[string]string{
		"SELECT 1 AS a, 2 AS b, 3 AS a;": "a b a:1",
		"SELECT 1 AS a, 2 AS a -- twice": "a a:1",
		"SELECT a.stream, b.stream FROM cart a JOIN cart b USING (category) ORDER BY 1 LIMIT 1": "stream stream:1",
		"SELECT 1 AS a, 2 AS A": "a A",
	} {
		answer, err := db.Query(sql)
		if err != nil {
			t.Fatal(sql, err)
		}
		for range answer.Rows {
		}
		if got := strings.Join(answer.Columns, " "); got != want {
			t.Errorf("%s: the columns are %q, want %q", sql, got, want)
		}
	}
}
