package quick

import (
	"math"
	"strconv"
	"strings"

	"asof/replay/decimal"
	"asof/replay/state"
)

// textMethods are methods of ASCII strings, for which bytes and UTF-16 units agree. See
// wideMethods for others.
var textMethods = map[string]method{
	"startsWith":  func(r *run, v val, args []val) val { return ofBool(strings.HasPrefix(v.s, r.one(args))) },
	"endsWith":    func(r *run, v val, args []val) val { return ofBool(strings.HasSuffix(v.s, r.one(args))) },
	"includes":    func(r *run, v val, args []val) val { return ofBool(strings.Contains(v.s, r.one(args))) },
	"indexOf":     func(r *run, v val, args []val) val { return integer(int64(strings.Index(v.s, r.one(args)))) },
	"toUpperCase": func(r *run, v val, _ []val) val { return r.made(strings.ToUpper(v.s), v) },
	"toLowerCase": func(r *run, v val, _ []val) val { return r.made(strings.ToLower(v.s), v) },
	"trim":        func(r *run, v val, _ []val) val { return part(v, strings.Trim(v.s, "\t\n\v\f\r ")) },
	"slice": func(r *run, v val, args []val) val {
		from, to := r.between(args, len(v.s))
		return part(v, v.s[from:max(from, to)])
	},
	"substring": func(r *run, v val, args []val) val {
		from := min(max(r.whole(arg(args, 0), 0), 0), len(v.s))
		to := min(max(r.whole(arg(args, 1), len(v.s)), 0), len(v.s))
		return part(v, v.s[min(from, to):max(from, to)])
	},
	"charAt": func(r *run, v val, args []val) val {
		i := r.whole(arg(args, 0), 0)
		if i < 0 || i >= len(v.s) {
			return ofText("")
		}
		return part(v, v.s[i:i+1])
	},
	"split": func(r *run, v val, args []val) val {
		sep := r.one(args)
		r.spend(8 * (strings.Count(v.s, sep) + 1))
		parts := strings.Split(v.s, sep)
		out := make([]val, len(parts))
		for i, p := range parts {
			out[i] = part(v, p)
		}
		return ofList(out)
	},
	"padStart": func(r *run, v val, args []val) val { return r.made(r.padding(v, args)+v.s, v) },
	"padEnd":   func(r *run, v val, args []val) val { return r.made(v.s+r.padding(v, args), v) },
	"toString": func(_ *run, v val, _ []val) val { return v },
}

// one returns the only argument, which must be a string.
func (r *run) one(args []val) string {
	if len(args) != 1 || args[0].kind != text || state.HasHalf(args[0].s) {
		panic(giveUp) // in a string, half of a surrogate pair also matches within its character
	}
	r.spendString(args[0].s)
	return args[0].s
}

// part returns s, a part of the string v.
func part(v val, s string) val { return val{kind: text, s: s, passing: v.passing} }

// made returns a string that was put together, or the string in of that it equals.
func (r *run) made(s string, of ...val) val {
	r.spend(len(s) / 8)
	v := ofText(state.JoinHalves(s))
	for _, x := range of {
		v.passing = v.passing || x.passing && len(x.s) == len(s)
	}
	return v
}

func (r *run) padding(v val, args []val) string {
	missing := r.whole(arg(args, 0), 0) - len(v.s)
	fill := " "
	if len(args) > 1 {
		if fill = r.one(args[1:]); !r.ascii(fill) {
			panic(giveUp)
		}
	}
	if missing <= 0 || fill == "" {
		return ""
	}
	r.spend(missing)
	return strings.Repeat(fill, missing/len(fill)+1)[:missing]
}

// numberMethods are methods of numbers.
var numberMethods = map[string]method{
	"toFixed": toFixed,
	"toString": func(r *run, v val, args []val) val {
		if len(args) > 0 {
			panic(giveUp)
		}
		return r.asText(v)
	},
}

// toFixed gives up on ties: JavaScript rounds them up, Go to even.
func toFixed(r *run, v val, args []val) val {
	places := r.whole(arg(args, 0), 0)
	x := math.Abs(v.f)
	if places < 0 || places > 20 || !(x < 1e15) {
		panic(giveUp)
	}
	// A tie has exactly one binary place more than decimal places.
	if isWhole(math.Ldexp(x, places+1)) && !isWhole(math.Ldexp(x, places)) {
		panic(giveUp)
	}
	if v.f == 0 {
		return ofText(strconv.FormatFloat(0, 'f', places, 64))
	}
	return ofText(strconv.FormatFloat(v.f, 'f', places, 64))
}

func isWhole(x float64) bool { return x == math.Trunc(x) }

// functions are the language's global functions and static methods, by name.
var functions = map[string]method{
	"Math.abs":   func(r *run, _ val, args []val) val { return ofNumber(math.Abs(r.only(args))) },
	"Math.floor": func(r *run, _ val, args []val) val { return ofNumber(math.Floor(r.only(args))) },
	"Math.ceil":  func(r *run, _ val, args []val) val { return ofNumber(math.Ceil(r.only(args))) },
	"Math.trunc": func(r *run, _ val, args []val) val { return ofNumber(math.Trunc(r.only(args))) },
	"Math.round": func(r *run, _ val, args []val) val {
		x := r.only(args)
		if whole := math.Floor(x); x-whole < 0.5 {
			return ofNumber(whole)
		}
		return ofNumber(math.Ceil(x))
	},
	"Math.sign": func(r *run, _ val, args []val) val {
		switch x := r.only(args); {
		case x > 0:
			return ofNumber(1)
		case x < 0:
			return ofNumber(-1)
		default:
			return ofNumber(x) // 0 or -0
		}
	},
	"Math.max": func(r *run, _ val, args []val) val {
		return r.best(args, func(x, best float64) bool { return x > best })
	},
	"Math.min": func(r *run, _ val, args []val) val {
		return r.best(args, func(x, best float64) bool { return x < best })
	},
	"Number": func(r *run, _ val, args []val) val {
		switch x := arg(args, 0); x.kind {
		case number:
			return x
		case boolean:
			return ofNumber(x.f)
		}
		panic(giveUp)
	},
	"String":  func(r *run, _ val, args []val) val { return toText(r, arg(args, 0), len(args)) },
	"Boolean": func(_ *run, _ val, args []val) val { return ofBool(arg(args, 0).truthy()) },
	"Number.isInteger": func(_ *run, _ val, args []val) val {
		x := arg(args, 0)
		return ofBool(x.kind == number && isWhole(x.f) && !math.IsInf(x.f, 0))
	},
	"Number.isFinite": func(_ *run, _ val, args []val) val {
		x := arg(args, 0)
		return ofBool(x.kind == number && x.f == x.f && !math.IsInf(x.f, 0))
	},
	"Number.isNaN": func(_ *run, _ val, args []val) val {
		x := arg(args, 0)
		return ofBool(x.kind == number && x.f != x.f)
	},
	"Array.isArray": func(r *run, _ val, args []val) val {
		x := r.now(arg(args, 0))
		return ofBool(x.kind == list || x.kind == container && x.n.Kind() == state.Array)
	},
	"Array.from": arrayFrom,
	"Object.keys": func(r *run, _ val, args []val) val {
		return r.entries(args, func(key val, _ func() val) val { return key })
	},
	"Object.values": func(r *run, _ val, args []val) val {
		return r.entries(args, func(_ val, x func() val) val { return x() })
	},
	"Object.entries": func(r *run, _ val, args []val) val {
		return r.entries(args, func(key val, x func() val) val { return ofList([]val{key, x()}) })
	},
	"Decimal":       func(r *run, _ val, args []val) val { return r.calculated(r.decimal(arg(args, 0)), nil) },
	"Decimal.sum":   over(true, decimal.Decimal.Plus),
	"Decimal.min":   over(false, picking(-1)),
	"Decimal.max":   over(false, picking(1)),
	"Object.hasOwn": func(r *run, _ val, args []val) val { return r.hasOwn(arg(args, 0), arg(args, 1)) },
}

func toText(r *run, x val, n int) val {
	switch {
	case n == 0:
		return ofText("")
	case x.kind == text:
		return x
	}
	return r.asText(x)
}

// only returns the only argument, which must be a number.
func (r *run) only(args []val) float64 {
	x := arg(args, 0)
	if x.kind != number || x.f != x.f {
		panic(giveUp)
	}
	return x.f
}

func (r *run) best(args []val, better func(x, best float64) bool) val {
	if len(args) == 0 {
		panic(giveUp)
	}
	best := r.only(args)
	for i := range args {
		x := r.only(args[i:])
		if x == 0 && math.Signbit(x) {
			panic(giveUp) // Math.max and min order -0 below 0
		}
		if better(x, best) {
			best = x
		}
	}
	return ofNumber(best)
}

// entries returns an array made from an object's members, in the language's order.
// It reads a value only if of asks for it, since reading records a spelling.
func (r *run) entries(args []val, of func(key val, x func() val) val) val {
	v := r.now(arg(args, 0))
	if v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	keys := Keys(v.n)
	r.spend(8 * len(keys))
	passing := r.passing(v.n)
	out := make([]val, len(keys))
	for i, key := range keys {
		out[i] = of(val{kind: text, s: key, passing: passing}, func() val { return r.member(v.n, key) })
	}
	return ofList(out)
}

func (r *run) hasOwn(v, key val) val {
	v = r.now(v)
	if v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	return ofBool(!v.n.Get(r.string(key)).IsAbsent())
}
