fromCategory("sub").foreachStream().when({
  $init: () => ({ status: "new", plan: null, price: 0, due: 0, renewals: 0 }),
  Started: (s, e) => { s.status = "active"; s.plan = e.data.plan; s.price = e.data.price },
  PlanChanged: (s, e) => { s.plan = e.data.plan; s.price = e.data.price },
  Renewed: (s, e) => { s.due += e.data.amount; s.renewals += 1 },
  Paid: (s, e) => { s.due -= e.data.amount },
  Cancelled: (s) => { s.status = "cancelled" },
})
