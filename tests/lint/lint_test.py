#!/usr/bin/env python3
"""The lint tested: a tree with one sin a file must give exactly that finding, a clean one none."""
import os
import tempfile
import unittest

import lint

LONG = '\n'.join(f'    value += {n};' for n in range(98))
SINS = [  # file, content, (line, rule) of the finding
    ('boltdb/up.c', '#include "src/etcd/facts.h"\n', (1, 'layer')),
    ('boltdb/gap.c', '#include <stdio.h>\n  # include "reset/plan.h"\n', (2, 'layer')),
    ('src/base/any.h', '#include "boltdb/meta.h"\n', (1, 'layer')),
    ('src/raft/side.c', '#include "src/etcd/facts.h"\n', (1, 'layer')),
    ('src/proof/up.c', '#include "reset/plan.h"\n', (1, 'layer')),
    ('reset/k3s.c', '#include "src/k3s/layout.h"\n', (1, 'layer')),
    ('reset/here.c', '#include "plan.h"\n', (1, 'layer')),
    ('src/newroom/a.c', 'int a;\n', (1, 'layer')),
    ('reset/copy.c', 'void f(void)\n{\n    strcpy(a, b);\n}\n', (3, 'call')),
    ('src/cli/stop.c', 'void f(void)\n{\n    exit(1);\n}\n', (3, 'call')),
    ('tests/unit/a_test.c', 'void f(void)\n{\n    sscanf(a, b);\n}\n', (3, 'call')),
    ('reset/long.c', f'int f(int value)\n{{\n{LONG}\n    return value;\n}}\n', (1, 'size')),
    ('reset/wide.c', f'int a;\nstatic int f(int value,\n             int b)\n{{\n{LONG}\n}}\n', (2, 'size')),
    ('reset/file.c', 'int a;\n' * 1001, (1000, 'size')),
    ('docs/a.md', 'gr\u00fc\u00dfe\n', (1, 'ascii')),
    ('boltdb/tab.c', 'int\ta;\n', (1, 'tab')),
    ('boltdb/tail.c', 'int a; \n', (1, 'space')),
    ('scripts/run', 'ls\ncd /work/x\n', (2, 'word')),
    ('README.md', 'from https://pypi.org/x\n', (1, 'word')),
    ('reset/later.c', '/* TODO more */\n', (1, 'todo')),
]
CLEAN = [
    ('src/cli/all.c', '#include <stdlib.h>\n#include "reset/plan.h"\n#include "src/k3s/layout.h"\n'),
    ('src/proof/all.c', '#include "src/raft/wal.h"\n#include "src/etcd/facts.h"\n#include "boltdb/db.h"\n'),
    ('reset/proof.c', '#include "src/proof/proof.h"\n#include "reset/plan.h"\n'),
    ('boltdb/words.c', '/* never strcpy(a) */ const char *a = "exit(1)"; int b = c->exit(1); /* TODO(#4) */\n'),
    ('reset/short.c', 'int f(int value)\n{\n' + LONG[:LONG.rfind('\n')] + '\n}\n'),
    ('tests/unit/b_test.c', 'void f(void)\n{\n    abort();\n}\n'),
    ('tests/fuzz/corpus/a/b', '\u00fc /work/ \t\n'),
    ('fixtures/x.txt', '/root/\n'),
]


class LintTest(unittest.TestCase):
    def findings(self, path, content):
        with tempfile.TemporaryDirectory() as root:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, 'w', encoding='utf-8') as file:
                file.write(content)
            return [(name, line, rule) for name, line, rule, _ in lint.lint(root)]

    def test_each_sin_is_found_alone(self):
        for path, content, (line, rule) in SINS:
            with self.subTest(path):
                self.assertEqual(self.findings(path, content), [(path, line, rule)])

    def test_clean_files_pass(self):
        for path, content in CLEAN:
            with self.subTest(path):
                self.assertEqual(self.findings(path, content), [])

    def test_layers_have_no_cycle(self):
        for room, below in lint.LAYERS.items():
            for other in below:
                self.assertNotIn(room, lint.LAYERS[other])


if __name__ == '__main__':
    unittest.main()
