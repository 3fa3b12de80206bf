import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import '@mantine/core/styles.css';
import '@mantine/charts/styles.css';
import './console.css';
import './print.css';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no element to put the console into');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
