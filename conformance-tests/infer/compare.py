#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# compare.py WANTED GOT [-v] - how much of a hidden mapping another one says. It reads both as YAML, knows nothing of how the
# second one came to be, and prints one line: found FOUND of WANTED, wrong WRONG of GOT. -v: and which.
#
# Both are made flat: a statement for each wire place with all the steps of the eaches above it. Two are the same when they have the
# same place of the model, and the wire places agree in their steps, counts and tests; a test and an `is` of the same place in the
# same occurrence are the same. Composites may be left out, short names are those of the format. What a rule does on the way (as,
# fold, codes) must be the same but for what is understood; the lines of code tables are the test's business.
import re
import sys
import yaml

ALIASES = {
    'Ref': 'SG1', 'Transport': 'SG4', 'Doc': 'SG5', 'Party': 'SG6', 'Terms': 'SG7', 'Amount': 'SG8', 'Item': 'SG30', 'Pack': 'SG31',
    'Marks': 'SG32', 'ItemAmount': 'SG33', 'ItemRef': 'SG35', 'ItemDoc': 'SG37', 'Indicator': 'SG40', 'Tax': 'SG41',
    'Numbers': 'SG44', 'Signature': 'SG50',
}


class Literal(yaml.SafeLoader):
    """All scalars are text, as in the language."""


Literal.yaml_implicit_resolvers = {}


def steps_of(place):
    """'SG6[NAD/3035=DT]/NAD/C080/3036#*' → [('SG6', '', {('NAD/3035', 'DT')}), ('NAD', '', …), ('3036', '#*', …)]"""
    out, depth, word = [], 0, ''
    for c in (place or '') + '/':
        depth += (c == '[') - (c == ']')
        if c != '/' or depth:
            word += c
            continue
        m = re.fullmatch(r"([^\[#]*)(\[.*\])?(#[0-9*]+)?", word)
        word = ''
        if not m or m.group(1) in ('', '.'):
            continue
        name = ALIASES.get(m.group(1), m.group(1))
        if re.fullmatch(r'C\d{3}', name) and not m.group(2) and not m.group(3):
            continue  # a composite that may be left out
        tests = set()
        for t in filter(None, re.split(r',\s*', (m.group(2) or '')[1:-1])):
            where, value = t.split('=', 1)
            where = '/'.join(w for w in where.split('/') if not re.fullmatch(r'C\d{3}', w))
            tests.add((where, value.strip("'")))
        out.append((name, '' if m.group(3) == '#1' else m.group(3) or '', frozenset(tests)))
    return out


def flatten(rules, wire, model, out):
    for r in rules:
        if 'each' in r:
            steps = steps_of(r['each'].get('wire'))
            w = wire + [(n, '*each' if i == len(steps) - 1 else c, t) for i, (n, c, t) in enumerate(steps)]
            m = (model + '/' + r['each']['model']).strip('/')
            out.append({'wire': w, 'model': m + '/*', 'keys': {}})
            flatten(r.get('rules', []), w, m, out)
        elif 'wire' in r or 'model' in r:
            keys = {k: str(v) for k, v in r.items() if k not in ('wire', 'model', 'else', 'name', 'why')}
            place = r.get('wire')
            m = (model + '/' + r['model']).strip('/') if 'model' in r else ''
            out.append({'wire': wire + steps_of(place) if place else [], 'model': m, 'keys': keys})


def tests_of(statement):
    """Every (place, value) that is tested on the way."""
    all_tests = set()
    for i, (_, _, tests) in enumerate(statement['wire']):
        above = tuple(n for n, _, _ in statement['wire'][:i + 1])
        for where, value in tests:
            all_tests.add((above + tuple(where.split('/')), value))
    return all_tests


def names(statement):
    return tuple(n for n, _, _ in statement['wire'])


def counts(statement):
    return tuple(c for _, c, _ in statement['wire'])


def understood(statement):
    keys = dict(statement['keys'])
    keys.pop('as', None) if keys.get('as') in ('number', 'date', 'text', 'code', 'id') else None
    keys.pop('unit', None), keys.pop('currency', None)
    if 'number' in keys:
        keys.pop('number')
    if 'codes' in keys:
        keys['codes'] = 'a table'
    return keys


def read(path):
    with open(path, encoding='utf-8') as f:
        document = yaml.load(f, Loader=Literal)
    out = []
    flatten(document['rules'] if isinstance(document['rules'], list) else [], [], '', out)
    return out


def constant(statement):
    """(place, value) of an `is` of the wire alone; else None."""
    return (names(statement), statement['keys']['is']) if not statement['model'] and 'is' in statement['keys'] else None


def constants_of(statements):
    return {constant(s) for s in statements} - {None}


def same(a, b, a_constants, b_constants):
    if a['model'] != b['model'] or names(a) != names(b) or counts(a) != counts(b) or understood(a) != understood(b):
        return False
    ta, tb = tests_of(a), tests_of(b)
    # What the one tests, the other tests or says to be constant.
    return all(t in tb or t in b_constants for t in ta) and all(t in ta or t in a_constants for t in tb)


def main():
    wanted, got = read(sys.argv[1]), read(sys.argv[2])
    wc, gc = constants_of(wanted), constants_of(got)
    tests = set().union(*(tests_of(w) for w in wanted))
    found = [w for w in wanted if any(same(w, g, wc, gc) for g in got) or (constant(w) and constant(w) in gc)]
    right = [g for g in got if any(same(w, g, wc, gc) for w in wanted) or (constant(g) and constant(g) in tests | wc)]
    if '-v' in sys.argv:
        for w in wanted:
            if w not in found:
                print('missed', w['wire'], w['model'], w['keys'])
        for g in got:
            if g not in right:
                print('wrong ', g['wire'], g['model'], g['keys'])
    print(f'found {len(found)} of {len(wanted)}, wrong {len(got) - len(right)} of {len(got)}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
