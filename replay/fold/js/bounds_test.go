//go:build unix

package js

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dop251/goja"

	"asof/replay/state"
)

// TestBounds asks single operations for more than there is. Each is refused before
// it begins, as an error that a script can catch.
func TestBounds(t *testing.T) {
	for src, want := range map[string]string{
		`1n << (2n ** 40n)`:                            "Invalid BigInt length",
		`1n >> -(2n ** 40n)`:                           "Invalid BigInt length",
		`let x = 1n; x <<= {valueOf: () => 10000000n}`: "Invalid BigInt length",
		`let x = 10n; x **= 100000000n`:                "Invalid BigInt length",
		`String(10n ** 100000000n)`:                    "Invalid BigInt length",
		`BigInt.asUintN(2 ** 40, -1n)`:                 "Invalid BigInt length",
		`s.x = [2 ** 3, 1 << 4, -(2n ** 8n) >> 2n]; 'abc'.repeat('2') + 'x'.padEnd(3)`:              "",
		`"".concat(...Array(100).fill("x".repeat(2 ** 25)))`:                                        "Invalid string length",
		`"x".repeat({valueOf() { return this.n = (this.n || 0) + 1, this.n > 1 ? 2 ** 36 : 1 }})`:   "",
		`"x".padStart({valueOf() { return this.n = (this.n || 0) + 1, this.n > 1 ? 2 ** 36 : 1 }})`: "",
		`"x".repeat(2 ** 36)`:                                          "Invalid string length",
		`"x".repeat(1e5).replaceAll("x", "y".repeat(1e5))`:             "Invalid string length",
		"'x'.repeat(1e5).replace(/x/g, '$`')":                          "Invalid string length",
		`Reflect.construct(Array, {length: 2 ** 31})`:                  "Invalid array length",
		`Math.max.apply(null, {length: 2 ** 31})`:                      "Invalid array length",
		`[].indexOf.call({length: 2 ** 53 - 1}, 1)`:                    "Invalid array length",
		`const a = []; a.length = 2 ** 32 - 1; a.reverse()`:            "Invalid array length",
		`const a = [1]; a[0] = a; a.flat(Infinity)`:                    "functions call each other",
		`let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)`: "functions call each other",
		`String.raw({raw: {length: 2 ** 53 - 1}})`:                     "Invalid array length",
		`JSON.parse("[".repeat(1e7))`:                                  "nests too deep",
		`JSON.parse('{"a":['.repeat(1e5), x => x)`:                     "nests too deep",
	} {
		began := time.Now()
		err := applied(t, src, Limits{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", src, err, want)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s took %v", src, took)
		}
	}
}

func applied(t *testing.T, src string, o Limits) error {
	t.Helper()
	s, err := LoadInline("inline", src, o)
	if err != nil {
		t.Fatal(src, err)
	}
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	_, err = s.Apply(context.Background(), st, ev(0, "E", `{"a":[1,"b"]}`))
	return err
}

// everyBuiltin is a script that lists the functions which a script can reach, by
// their paths.
const everyBuiltin = `(() => {
	const all = new Map(), seen = new Set();
	const go = (o, path) => {
		if (typeof o !== 'object' && typeof o !== 'function' || o === null || seen.has(o)) return;
		seen.add(o);
		if (typeof o === 'function') all.set(path, o);
		for (const k of Reflect.ownKeys(o)) {
			const d = Object.getOwnPropertyDescriptor(o, k), name = path + '.' + (typeof k === 'symbol' ? '[' + k.description + ']' : k);
			if ('value' in d) go(d.value, name);
			else go(d.get, 'get ' + name), go(d.set, 'set ' + name);
		}
		go(Object.getPrototypeOf(o), path + '.^');
	};
	go(globalThis, '');
	for (const [name, o] of Object.entries({array: [][Symbol.iterator](), text: ''[Symbol.iterator](), match: ''.matchAll(/a/g),
		map: new Map().keys(), set: new Set().keys(), generator: (function* () {})(), async: async function () {}}))
		go(o, name);
	return all;
})()`

// TestBuiltinsAreKnown compares the engine's functions with a list of those that
// somebody has looked at: a new one must be bounded (bounds.js), or end by itself.
func TestBuiltinsAreKnown(t *testing.T) {
	e, err := newEngine(&source{name: "x"}, false)
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.rt.RunString(`[...` + everyBuiltin + `.keys()].map(x => x.replaceAll(' ', '_')).sort().join('\n') + '\n'`)
	if err != nil {
		t.Fatal(err)
	}
	known, err := os.ReadFile(filepath.Join("testdata", "builtins.txt"))
	if err != nil {
		t.Fatal(err)
	}
	have, want := strings.Fields(v.String()), strings.Fields(string(known))
	for _, name := range have {
		if !slices.Contains(want, name) {
			t.Errorf("%s is not in testdata/builtins.txt: see that it is bounded", name)
		}
	}
	if len(have) < len(want)*9/10 {
		t.Errorf("only %d built-in functions were found, of %d", len(have), len(want))
	}
}

// oddValues make what built-in functions are tried on and with.
const oddValues = `[
	() => undefined, () => null, () => true, () => 0, () => -1, () => 3, () => 2 ** 20, () => 2 ** 31,
	() => 2 ** 53, () => Infinity, () => NaN, () => '', () => 'x', () => 'x'.repeat(1e5), () => '['.repeat(1e5),
	() => '$&$1', () => '9'.repeat(1e5), () => 0n, () => -7n, () => 1n << 1000000n, () => [], () => [3, 1, 2],
	() => 'ab '.repeat(1e5).split(' '), () => Object.assign([], {length: 2 ** 32 - 1}), () => ({length: 2 ** 53 - 1}),
	() => ({length: 2 ** 31, 0: 'a'}), () => ((a => { a[0] = a; return a })([1])), () => new Map([[1, 2]]),
	() => new Set([1, 2]), () => /a|x/g, () => /(x+x+)+y(?=z)/, () => /x*/y, () => Symbol.iterator,
	() => ((x) => x), () => ((...a) => 2 ** 31), () => function () { return this }, () => new Date(0),
	() => new Error('x'), () => ({valueOf() { return this.n = (this.n ?? 1) * 2 ** 18 }}),
	() => ({toString() { return 'x'.repeat(this.n = (this.n ?? 1) * 99 % 1e6) }}),
	() => ({raw: {length: 2 ** 50}}), () => ({*[Symbol.iterator]() { for (;;) yield [1, 2] }}),
	() => ({get a() { return 1 }, toJSON() { return [1] }}), () => Decimal('1e300'),
]`

// TestBuiltinsEnd calls every built-in function with odd values, in a process of
// its own: none may end that, or take long, or much. ASOF_TRY_BUILTINS=N tries N
// times as often.
func TestBuiltinsEnd(t *testing.T) {
	c := exec.Command(os.Args[0], "-test.run=^TestTryBuiltins$", "-test.v")
	c.Env = append(os.Environ(), "ASOF_TRYING_BUILTINS="+envOr("ASOF_TRY_BUILTINS", "1"))
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v, after\n%s", err, lastOf(out))
	}
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok && r.Maxrss > 1<<20 {
		t.Errorf("it took %d KiB of memory", r.Maxrss)
	}
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func lastOf(out []byte) []byte {
	if i := bytes.Index(out, []byte("fatal error")); i > 0 {
		return out[max(0, i-1000):min(len(out), i+2500)]
	}
	return out[max(0, len(out)-2000):]
}

// TestTryBuiltins is the process that [TestBuiltinsEnd] starts.
func TestTryBuiltins(t *testing.T) {
	rounds := 0
	if _, err := fmt.Sscan(os.Getenv("ASOF_TRYING_BUILTINS"), &rounds); err != nil {
		t.Skip("it is run by TestBuiltinsEnd")
	}
	rnd := rand.New(rand.NewPCG(11, 0))
	out := bufio.NewWriterSize(os.Stdout, 1)
	for round := range rounds {
		tryBuiltins(t, rnd, round, out)
	}
}

func tryBuiltins(t *testing.T, rnd *rand.Rand, round int, out *bufio.Writer) {
	e, err := newEngine(&source{name: "x"}, false)
	if err != nil {
		t.Fatal(err)
	}
	d := definition{e: e}
	d.define()
	e.watch.setOptions(Limits{Time: 2 * time.Second, Memory: 200 << 20, Stuck: func(err error) {
		fmt.Println(err)
		os.Exit(3)
	}})
	try, err := e.rt.RunString(`(() => {
		const all = [...` + everyBuiltin + `], apply = Reflect.apply, construct = Reflect.construct;
		const call = (i, self, args, make) => make ? construct(all[i][1], args) : apply(all[i][1], self, args);
		return { count: all.length, values: ` + oddValues + `, name: (i) => all[i][0], call };
	})()`)
	if err != nil {
		t.Fatal(err)
	}
	o := try.(*goja.Object)
	values := o.Get("values").(*goja.Object)
	n := int(values.Get("length").ToInteger())
	call, _ := goja.AssertFunction(o.Get("call"))
	name, _ := goja.AssertFunction(o.Get("name"))
	event := ev(0, "E", `{"a":[1,"b"]}`)
	for i := range o.Get("count").ToInteger() {
		path, _ := name(nil, e.rt.ToValue(i))
		var picks [4]int
		_ = e.run(t.Context(), state.New(), event, func() error {
			pick := func(at int) goja.Value {
				picks[at] = rnd.IntN(n)
				f, _ := goja.AssertFunction(values.Get(fmt.Sprint(picks[at])))
				v, err := f(nil)
				if err != nil {
					return goja.Undefined() // it took too long for the limit of a test
				}
				return v
			}
			self := pick(0)
			args := e.rt.NewArray(pick(1), pick(2), pick(3))
			make := rnd.IntN(8) == 0
			fmt.Fprintf(out, "round %d: %s on %v, make %v\n", round, path, picks, make)
			_, err := call(nil, e.rt.ToValue(i), self, args, e.rt.ToValue(make))
			return err
		})
		e.broken = nil // a mistake of the engine was an error; the next call may be right
	}
}
