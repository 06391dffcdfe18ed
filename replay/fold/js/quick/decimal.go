package quick

import (
	"asof/replay/decimal"
	"asof/replay/state"
)

// calculated returns a result as a value, which ends with the event as all values do.
func (r *run) calculated(d decimal.Decimal, err error) val {
	if err != nil {
		panic(giveUp)
	}
	if len(r.decimals) == cap(r.decimals) {
		// Earlier values keep the full block.
		r.decimals = make([]decimal.Decimal, 0, min(max(16, 2*len(r.decimals)), 1024))
	}
	r.decimals = append(r.decimals, d)
	return val{kind: dec, d: &r.decimals[len(r.decimals)-1]}
}

func mustDecimal(d decimal.Decimal, err error) decimal.Decimal {
	if err != nil {
		panic(giveUp)
	}
	return d
}

// decimal converts an argument of Decimal: a Decimal, a number with its text, or a
// string.
func (r *run) decimal(x val) decimal.Decimal {
	num := ""
	switch x.kind {
	case dec:
		return *x.d
	case number:
		if num = r.firstSpelled(x.f); num == "" {
			num = r.numberText(x)
		}
	case text:
		num = x.s
	default:
		panic(giveUp)
	}
	r.spend(len(num) / 8)
	return mustDecimal(decimal.Parse(num))
}

// calculating is the cost of one operation in steps. A Decimal may have thousands of
// digits.
const calculating = 50

// digits returns a Decimal as text.
func (r *run) digits(d *decimal.Decimal) string {
	s := d.JSON()
	r.spend(len(s) / 8)
	return s
}

// conceal notes that a new object or array holds a Decimal where the tree holds a
// number: until the event is over, the engine reads it.
func (r *run) conceal(n *state.Node) {
	if r.st == nil {
		r.remember(n) // all that is written to there is new
	}
	r.concealing = r.concealing || r.isNew(n)
}

func (r *run) reveal(n *state.Node, v state.Value) {
	if r.concealing && v.Kind() == state.Number && r.isNew(n) {
		panic(giveUp)
	}
}

// decimalMethods are the methods of Decimals.
var decimalMethods = map[string]method{
	"plus":  withOther(decimalOps["plus"]),
	"add":   withOther(decimalOps["add"]),
	"minus": withOther(decimalOps["minus"]),
	"sub":   withOther(decimalOps["sub"]),
	"times": withOther(decimalOps["times"]),
	"mul":   withOther(decimalOps["mul"]),
	"div": func(r *run, v val, args []val) val {
		r.spend(2 * calculating)
		o := r.decimal(arg(args, 0))
		if arg(args, 1).kind == undefined {
			return r.calculated(v.d.Div(o))
		}
		return r.calculated(v.d.DivTo(o, r.places(arg(args, 1)), r.rounding(arg(args, 2))))
	},
	"round": func(r *run, v val, args []val) val {
		r.spend(calculating)
		return r.calculated(v.d.Round(r.places(arg(args, 0)), r.rounding(arg(args, 1))))
	},
	"neg": func(r *run, v val, _ []val) val { return r.calculated(v.d.Neg()) },
	"abs": func(r *run, v val, _ []val) val { return r.calculated(v.d.Abs(), nil) },
	"eq":  comparing(func(c int) bool { return c == 0 }),
	"lt":  comparing(func(c int) bool { return c < 0 }),
	"lte": comparing(func(c int) bool { return c <= 0 }),
	"gt":  comparing(func(c int) bool { return c > 0 }),
	"gte": comparing(func(c int) bool { return c >= 0 }),
	"cmp": func(r *run, v val, args []val) val {
		r.spend(calculating)
		return ofNumber(float64(v.d.Cmp(r.decimal(arg(args, 0)))))
	},
	"isZero":     func(_ *run, v val, _ []val) val { return ofBool(v.d.Sign() == 0) },
	"isNegative": func(_ *run, v val, _ []val) val { return ofBool(v.d.Sign() < 0) },
	"toString":   func(r *run, v val, _ []val) val { return ofText(r.digits(v.d)) },
	"toNumber": func(r *run, v val, _ []val) val {
		f, _ := state.FloatExact(r.digits(v.d))
		return ofNumber(f)
	},
	"toFixed": func(r *run, v val, args []val) val {
		r.spend(calculating)
		return r.made(mustDecimal(v.d.Round(r.places(arg(args, 0)), r.rounding(arg(args, 1)))).Fixed())
	},
}

func withOther(op decimalOp) method {
	return func(r *run, v val, args []val) val {
		r.spend(calculating)
		return r.calculated(op(*v.d, r.decimal(arg(args, 0))))
	}
}

func comparing(is func(c int) bool) method {
	return func(r *run, v val, args []val) val {
		r.spend(calculating)
		return ofBool(is(v.d.Cmp(r.decimal(arg(args, 0)))))
	}
}

func (r *run) places(v val) int32 {
	n := r.whole(v, 0)
	if n < 0 || n > decimal.MaxPlaces || v.kind == number && float64(n) != v.f {
		panic(giveUp)
	}
	return int32(n)
}

func (r *run) rounding(v val) decimal.Rounding {
	switch v.kind {
	case undefined:
		return decimal.HalfEven
	case text:
		if mode, ok := decimal.Roundings[v.s]; ok {
			return mode
		}
	}
	panic(giveUp)
}

// over makes a function that takes several arguments or a single array. zero says that it
// has the value 0 for nothing.
func over(zero bool, step func(acc, x decimal.Decimal) (decimal.Decimal, error)) method {
	return func(r *run, _ val, args []val) val {
		if len(args) == 1 && args[0].kind != dec && args[0].kind != number && args[0].kind != text {
			args = r.spread(nil, args[0], true)
		}
		acc, some := decimal.Decimal{}, zero
		for _, v := range args {
			r.spend(calculating)
			x := r.decimal(v)
			if !some {
				acc, some = x, true
				continue
			}
			acc = mustDecimal(step(acc, x))
		}
		if !some {
			panic(giveUp)
		}
		return r.calculated(acc, nil)
	}
}

func picking(sign int) func(acc, x decimal.Decimal) (decimal.Decimal, error) {
	return func(acc, x decimal.Decimal) (decimal.Decimal, error) {
		if x.Cmp(acc) == sign {
			return x, nil
		}
		return acc, nil
	}
}
