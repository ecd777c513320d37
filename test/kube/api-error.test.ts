import { expect, test } from 'vitest';
import { ApiError, faultOf } from '../../src/kube/api-error.ts';

test.each([
  {
    name: 'a Status',
    body: '{"kind":"Status","code":403,"reason":"Forbidden","message":"nodes is forbidden"}',
    said: '404 Forbidden: nodes is forbidden',
  },
  {
    name: 'a kind of object that the server does not have',
    body: '404 page not found\n',
    said: '404: it has no such kind of object; those of a cluster set come with `causeway enable`',
  },
  {
    name: 'a proxy',
    body: '<html>\nno such host</html>',
    said: '404: no Kubernetes Status: <html> no such host</html>',
  },
  { name: 'nothing', body: ' ', said: '404: the answer says no more' },
])('$name, in one line', ({ body, said }) => {
  const error = new ApiError('list remotenodes at https://10.0.0.1:6443', faultOf(404, body, undefined));
  expect(error.message).toBe(`could not list remotenodes at https://10.0.0.1:6443: ${said}`);
});
