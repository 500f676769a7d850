import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import './styles/shell.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/call.ts';
import { Gate } from './app/gate.tsx';
import { createConsoleRouter } from './app/router.tsx';
import { applyTheme } from './app/theme.ts';

applyTheme();
// Its work is done: addresses within a page, such as those of SVG markers, mean the page itself again.
document.querySelector('base')?.remove();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      refetchOnWindowFocus: true,
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      retryDelay: 400,
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Gate>
        <RouterProvider router={createConsoleRouter(queries)} />
      </Gate>
    </QueryClientProvider>
  </StrictMode>,
);
