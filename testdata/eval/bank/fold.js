fromCategory("account").foreachStream().when({
  $init: () => ({ owner: null, limit: 0, balance: 0, fees: 0 }),
  AccountOpened: (s, e) => { s.owner = e.data.owner; s.limit = e.data.limit },
  Deposited: (s, e) => { s.balance += e.data.amount },
  Withdrawn: (s, e) => { s.balance -= e.data.amount },
  FeeCharged: (s, e) => { s.balance -= e.data.amount; s.fees += e.data.amount },
  LimitChanged: (s, e) => { s.limit = e.data.limit },
  NoteAdded: () => {},
})
